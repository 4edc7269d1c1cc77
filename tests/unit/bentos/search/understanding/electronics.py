"""A shop of eight products, small enough to know what each of them says."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

SCHEMA = pa.schema(
    [
        ("product_id", pa.string()),
        ("title", pa.string()),
        ("description", pa.string()),
        ("brand", pa.string()),
        ("department", pa.string()),
        ("category", pa.string()),
        ("product_type", pa.string()),
        ("size", pa.string()),
        ("price", pa.float64()),
        ("in_stock", pa.bool_()),
        ("attributes", pa.map_(pa.string(), pa.string())),
        ("text", pa.string()),
    ]
)
CABLE, LONG_CABLE, CASE, PHONE, TONER, HEADSET, BATTERY, SOUP = range(8)
_ROWS: list[dict[str, Any]] = [
    {
        "title": "C2G 1 m HDMI cable Black",
        "brand": "C2G",
        "product_type": "cable",
        "attributes": {"cable_colour": "Black", "connector": "HDMI", "jacket_material": "PVC"},
    },
    {
        "title": "StarTech.com 3 m HDMI cable Red",
        "brand": "StarTech.com",
        "product_type": "cable",
        "attributes": {"cable_colour": "Red", "connector": "HDMI", "jacket_material": "PVC"},
    },
    {
        "title": "Samsung EF-NG988 mobile phone case Black",
        "brand": "Samsung",
        "product_type": "mobile phone case",
        "attributes": {"product_colour": "Black", "material": "Leather"},
    },
    {
        "title": "Samsung Galaxy S10 128 GB",
        "brand": "Samsung",
        "product_type": "phone",
        "attributes": {"product_colour": "Black", "bluetooth": "true", "weight": "157.0"},
    },
    {
        "title": "Xerox 006R90321 toner cartridge Black",
        "brand": "Xerox",
        "product_type": "toner cartridge",
        "attributes": {"printing_colours": "Black", "package_type": "Box"},
    },
    {
        "title": "Logitech H390 headset Grey",
        "brand": "Logitech",
        "product_type": "headset",
        "attributes": {"product_colour": "Grey", "wireless": "false", "connector": "HDMI"},
    },
    {
        "title": "Duracell AA batteries",
        "brand": "Duracell",
        "product_type": "battery",
        "size": "4 PK",
        "attributes": {"battery_size": "AA"},
    },
    {"product_type": "TOMATO SOUPS/CANNED", "size": "12 OZ", "attributes": {}},
]


def table(rows: list[dict[str, Any]]) -> pa.Table:
    """The catalogue as search gets it; what a row does not say is null."""
    return pa.Table.from_pylist(
        [
            {"product_id": f"p{n}", **row, "attributes": list(row.get("attributes", {}).items())}
            for n, row in enumerate(rows)
        ],
        schema=SCHEMA,
    )


CATALOGUE = table(_ROWS)
