"""Faults of those who ask."""

from dataclasses import replace

from tests.benchmarks.incidents.faults.fault import JOURNEY, RECOMMEND, RETAIL, SEARCH, Fault
from tests.benchmarks.incidents.simulated import Scene

# As the simulated callers' devices are drawn.
_ON_ANDROID = "hash(user_id, 3) % 3 = 1"
_CLOSED = (
    "coalesce(list_contains(list_slice(['Germany', 'EIRE', 'France', 'Netherlands', 'Spain', "
    "'Belgium', 'Portugal'], 1, $amount::int), {}), false)"
)


def _clicking_bots(scene: Scene, share: float) -> Scene:
    bots = replace(scene.world.bots, share=share)
    return replace(scene, world=replace(scene.world, bots=bots))


FAULTS = (
    Fault(
        name="robots that click",
        cause="bots",
        stream=SEARCH,
        says="{:.0%} of the requests are robots', every other of which clicks all it is shown",
        amounts=(0.06, 0.15, 0.4),
        evidence="requests_of_the_busiest",
        direction=1,
        scene=_clicking_bots,
    ),
    Fault(
        name="a scraper",
        cause="bots",
        stream=RECOMMEND,
        says="a robot that does nothing asks for {:.0%} more",
        amounts=(0.03, 0.15, 0.6),
        evidence="requests_of_the_busiest",
        direction=1,
        served="""
            from rows
            union all by name
            select * replace ('scraped-' || request_id as request_id, 'scraper' as user_id)
            from rows where picked(request_id, $amount)
        """,
    ),
    Fault(
        name="clients that hang up",
        cause="client_errors",
        stream=RECOMMEND,
        says="{:.0%} of the requests from Android are hung up on",
        amounts=(0.05, 0.3, 1.0),
        evidence="clients_gone",
        direction=1,
        served=f"""
            select * replace (client_gone or gone as client_gone, if(gone, [], candidates)
                as candidates)
            from (
                select *, picked(request_id, $amount) and {_ON_ANDROID} as gone from rows
            )
        """,
        events=f"from rows where not (picked(request_id, $amount) and {_ON_ANDROID})",
    ),
    Fault(
        name="requests too long",
        cause="client_errors",
        stream=SEARCH,
        says="{:.0%} of the requests are refused as too long",
        amounts=(0.01, 0.05, 0.3),
        evidence="errors",
        direction=1,
        served="""
            select * replace (
                if(picked(request_id, $amount), 'BodyTooLong: 2,000,000 bytes', error) as error,
                if(picked(request_id, $amount), [], candidates) as candidates
            )
            from rows
        """,
        events="from rows where not picked(request_id, $amount)",
    ),
    Fault(
        name="stores close",
        cause="store_gone",
        stream=JOURNEY,
        says="{:.0%} of the stores neither ask nor sell",
        amounts=(0.03, 0.15, 0.5),
        evidence="events_of_picked_stores",
        direction=-1,
        served="from rows where not coalesce(picked(context ->> '$.store_id', $amount), false)",
        events="from rows where not picked(store_id, $amount)",
    ),
    Fault(
        name="countries close",
        cause="store_gone",
        stream=RETAIL,
        says="{:.0f} of the countries neither ask nor buy",
        amounts=(1, 3, 7),
        evidence="events_from_abroad",
        direction=-1,
        served="from rows where not " + _CLOSED.format("context ->> '$.store_id'"),
        events="from rows where not " + _CLOSED.format("store_id"),
    ),
)
