-- Begins to count what follows the answers of $days: of those that are counted anew ($fresh) nothing
-- has followed any yet.
-- Grain: one row a day, pair of segments, model, variant and bucket. Key: all six.
create or replace temp table renewed_crosses as
select
    * exclude (
        scenario, as_of, clicked, purchased, revenue, clicks, click_judged, click_ndcg, judged, ndcg
    ),
    if(
        list_contains($fresh::date[], served_date),
        0,
        columns([
            'clicked', 'purchased', 'revenue', 'clicks', 'click_judged', 'click_ndcg', 'judged', 'ndcg'
        ])
    )
from cross_partials
where scenario = $scenario and served_date = any($days::date[]);
