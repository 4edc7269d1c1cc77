"""Faults of the data that the shop and its pages deliver."""

from tests.benchmarks.incidents.faults.fault import JOURNEY, RECOMMEND, RETAIL, SEARCH, Fault

_MOJIBAKE = (  # spaces that do not break, whose UTF-8 was read as Latin-1
    "select * replace (if(picked(product_id, $amount), replace(title, ' ', 'Â '), title) as title) "
    "from rows"
)
_TWICE = """
    from rows
    union all by name
    select * replace (event_id || '-again' as event_id)
    from rows where picked(event_id, $amount)
"""

FAULTS = (
    Fault(
        name="feed in cents",
        cause="price_unit",
        stream=RECOMMEND,
        says="{:.0%} of the catalogue's prices are a hundred times too high",
        amounts=(0.02, 0.2, 1.0),
        evidence="catalogue_log_price",
        direction=1,
        catalogue="select * replace (if(picked(product_id, $amount), 100, 1) * price as price) "
        "from rows",
    ),
    Fault(
        name="orders in pence",
        cause="price_unit",
        stream=RETAIL,
        says="{:.0%} of the customers' lines are priced a hundred times too high",
        amounts=(0.02, 0.2, 1.0),
        evidence="log_price_paid",
        direction=1,
        events="select * replace ("
        "if(picked(coalesce(user_id, event_id), $amount), 100, 1) * price as price) from rows",
    ),
    Fault(
        name="feed without brands",
        cause="missing_field",
        stream=RECOMMEND,
        says="{:.0%} of the catalogue's brands are missing",
        amounts=(0.03, 0.2, 1.0),
        evidence="catalogue_without_brand",
        direction=1,
        catalogue="select * replace (if(picked(product_id, $amount), null, brand) as brand) "
        "from rows",
    ),
    Fault(
        name="feed without prices",
        cause="missing_field",
        stream=SEARCH,
        says="{:.0%} of the catalogue's prices are missing",
        amounts=(0.03, 0.2, 1.0),
        evidence="catalogue_without_price",
        direction=1,
        catalogue="select * replace (if(picked(product_id, $amount), null, price) as price) "
        "from rows",
    ),
    Fault(
        name="orders without customers",
        cause="missing_field",
        stream=RETAIL,
        says="{:.0%} of the customers are not named in the drop",
        amounts=(0.05, 0.3, 1.0),
        evidence="anonymous_events",
        direction=1,
        events="select * replace (if(picked(user_id, $amount), null, user_id) as user_id, "
        "if(picked(user_id, $amount), null, request_id) as request_id) from rows",
    ),
    Fault(
        name="orders without prices",
        cause="missing_field",
        stream=JOURNEY,
        says="{:.0%} of the lines have no price",
        amounts=(0.02, 0.2, 1.0),
        evidence="events_without_price",
        direction=1,
        events="select * replace (if(picked(event_id, $amount), null, price) as price) from rows",
    ),
    Fault(
        name="categories renamed",
        cause="remapped_category",
        stream=RECOMMEND,
        says="{:.0%} of the categories are told by their code",
        amounts=(0.03, 0.3, 1.0),
        evidence="catalogue_of_coded_categories",
        direction=1,
        catalogue="select * replace (if(picked(category, $amount), "
        "'CODE ' || hash(category) % 1000, category) as category) from rows",
    ),
    Fault(
        name="categories merged",
        cause="remapped_category",
        stream=JOURNEY,
        says="{:.0%} of the categories became one",
        amounts=(0.03, 0.3, 1.0),
        evidence="catalogue_of_the_rest",
        direction=1,
        catalogue="select * replace (if(picked(category, $amount), 'REST', category) as category) "
        "from rows",
    ),
    Fault(
        name="titles misread",
        cause="encoding",
        stream=SEARCH,
        says="{:.0%} of the titles have Â before each space",
        amounts=(0.03, 0.2, 1.0),
        evidence="catalogue_of_misread_titles",
        direction=1,
        catalogue=_MOJIBAKE,
    ),
    Fault(
        name="descriptions misread",
        cause="encoding",
        stream=RETAIL,
        says="{:.0%} of the drop's descriptions have Â before each space",
        amounts=(0.03, 0.2, 1.0),
        evidence="drop_of_misread_titles",
        direction=1,
        catalogue=_MOJIBAKE,
    ),
    Fault(
        name="queries escaped",
        cause="encoding",
        stream=SEARCH,
        says="of {:.0%} of the users the spaces of queries come as %20",
        amounts=(0.02, 0.1, 0.5),
        evidence="escaped_queries",
        direction=1,
        served="select * replace ("
        "if(picked(user_id, $amount), replace(query, ' ', '%20'), query) as query) from rows",
    ),
    Fault(
        name="feedback twice",
        cause="duplicates",
        stream=RECOMMEND,
        says="{:.0%} of the events are sent again, under other names",
        amounts=(0.03, 0.2, 1.0),
        evidence="repeated_events",
        direction=1,
        events=_TWICE,
    ),
    Fault(
        name="drop twice",
        cause="duplicates",
        stream=RETAIL,
        says="{:.0%} of the drop's lines come again",
        amounts=(0.03, 0.2, 1.0),
        evidence="repeated_events",
        direction=1,
        events=_TWICE,
    ),
    Fault(
        name="products twice",
        cause="duplicates",
        stream=SEARCH,
        says="{:.0%} of the products are in the catalogue under another name, too",
        amounts=(0.03, 0.2, 1.0),
        evidence="catalogue_of_repeated_titles",
        direction=1,
        catalogue="""
            from rows
            union all by name
            select * replace (
                product_id || '-again' as product_id, row_number + 1_000_000 as row_number
            )
            from rows where picked(product_id, $amount)
        """,
    ),
    Fault(
        name="feedback lost",
        cause="gap",
        stream=SEARCH,
        says="what shoppers do in the last {:.0f} hours of the day is lost",
        amounts=(2, 8, 24),
        evidence="events_of_the_last_hours",
        direction=-1,
        events="from rows where hour(occurred_at) < 24 - $amount",
    ),
    Fault(
        name="drop cut short",
        cause="gap",
        stream=RETAIL,
        says="{:.0%} of the customers' lines are missing from the drop",
        amounts=(0.2, 0.5, 1.0),
        evidence="events",
        direction=-1,
        events="from rows where not picked(coalesce(user_id, event_id), $amount)",
    ),
    Fault(
        name="feedback late",
        cause="late",
        stream=RECOMMEND,
        says="{:.0%} of the events come two days after they happened",
        amounts=(0.1, 0.3, 1.0),
        evidence="events_in_time",
        direction=-1,
        events="select * replace (arrives_at + to_days(delay) as arrives_at, "
        "logged_at + to_days(delay) as logged_at) "
        "from (select *, if(picked(event_id, $amount), 2, 0) as delay from rows)",
    ),
    Fault(
        name="stores late",
        cause="late",
        stream=JOURNEY,
        says="what {:.0%} of the stores sold comes a day late",
        amounts=(0.1, 0.3, 1.0),
        evidence="events_in_time",
        direction=-1,
        events="select * replace (if(picked(store_id, $amount), "
        "arrives_at + interval 1 day, arrives_at) as arrives_at) from rows",
    ),
    Fault(
        name="clock ahead",
        cause="clock",
        stream=RECOMMEND,
        says="the services that answer {:.0%} of the requests are an hour ahead",
        amounts=(0.05, 0.25, 1.0),
        evidence="clicks_before_answers",
        direction=1,
        served="select * replace (occurred_at + to_hours(ahead) as occurred_at, "
        "logged_at + to_hours(ahead) as logged_at) "
        "from (select *, picked(request_id, $amount)::int as ahead from rows)",
    ),
    Fault(
        name="local time",
        cause="clock",
        stream=RETAIL,
        says="the drop's times are {:.0f} hours ahead",
        amounts=(1, 3, 6),
        evidence="hour_of_purchase",
        direction=1,
        events="select * replace (occurred_at + to_hours($amount::int) as occurred_at) from rows",
    ),
)
