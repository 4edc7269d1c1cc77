"""Causes: the fixed labels of what is out of the ordinary, and what each means to people at night.

How a day's signals tell of them: ``findings.py``, and docs/incidents.md.
"""

from collections.abc import Mapping

DATA: Mapping[str, str] = {
    "price_unit": "prices came in another unit, as cents for euros",
    "missing_field": "a field that products, events or requests had is empty",
    "remapped_category": "categories have other names, or products are in others than before",
    "encoding": "text was read or written in a wrong encoding",
    "duplicates": "the same events or products came more than once",
    "gap": "a part of the day's data did not come",
    "late": "data came later than it should",
    "clock": "times are off: a clock is wrong, or local time was taken for UTC",
}
TRAFFIC: Mapping[str, str] = {
    "bots": "programs ask, not people",
    "client_errors": "callers send what can't be answered, or do not wait for the answer",
    "store_gone": "a store, country or device that used to ask does not any more",
}
SERVING: Mapping[str, str] = {
    "stale_model": "the service answers by an older model or an older state than it should",
    "stale_index": "search looks in an index that was not renewed",
    "wrong_encoder": "vectors are made otherwise than the model or the index expects",
    "latency": "answers take longer than they did",
    "score_scale": "scores are on another scale than before",
}
WORLD: Mapping[str, str] = {
    "season": "more or fewer people ask, as at other times of the year",
    "promotion": "prices are cut, and what is cut sells",
    "holiday": "hardly anybody asks: the shop is closed, or people are away",
    "new_products": "the catalogue has many products that it did not have",
    "taste": "people want other things than before",
}
UNKNOWN = "unknown"
MEANINGS: Mapping[str, str] = {
    **DATA,
    **TRAFFIC,
    **SERVING,
    **WORLD,
    UNKNOWN: "a metric left its band, and none of the known causes is to be seen",
}
