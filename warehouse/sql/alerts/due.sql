-- The series' values that are mature and were not judged before the night of $as_of: of the day itself,
-- where nothing is waited for, of days before it, and of all days of late where none was ever judged.
-- Of the champion, whichever model that was; on a day with two of them, the one that answered more, and
-- of the catalogue's exposure only one that gave nine in ten answers. `requests` are all that came, and
-- none where nobody did. Segments are those of the core metrics, the $n_segments largest of each.
-- Left out are values of fewer than $least_n, hours, classes of errors, peaks, cold starts, quantiles of
-- stages but one, and what is itself an error: of an estimate, or of what earlier days promise.
-- Grain: one row a day, metric, variant and segment. Key: all four.
create or replace temp table due_series as
with measured as (
    select *
    from metric_values
    where
        scenario = $scenario
        and "window" = 'day'
        and window_start >= $as_of::date - $history_days::integer
        and as_of <= $as_of::date
    qualify
        row_number() over (
            partition by window_start, metric, segment, model_tag, variant order by as_of desc
        ) = 1
),
judged as (
    select *
    from alerts
    where
        scenario = $scenario
        and "day" >= $as_of::date - $history_days::integer
        and as_of < $as_of::date
),
traffic as (
    select
        window_start as "day",
        'requests' as metric,
        'all' as model_tag,
        'all' as variant,
        'all' as segment,
        sum(value) as value,
        null::double as standard_error,
        sum(n)::bigint as n
    from measured
    where metric = 'requests' and segment = 'all'
    group by window_start
),
nobody as (
    select
        $as_of::date as "day",
        * exclude ("day") replace (0 as value, 0 as n)
    from traffic
    where $as_of::date not in (select "day" from traffic)
    limit 1
),
mature as (
    select
        window_start as "day",
        metric,
        model_tag,
        variant,
        segment,
        corrected as value,
        corrected_error as standard_error,
        n
    from measured
    where
        variant = 'champion'
        and maturity >= $mature
        and isfinite(corrected)
        and n >= $least_n
        and metric not in ('requests', 'peak_rate', 'cold_starts')
        and metric not like '%_estimate_error'
        and metric not like 'calibrated_%'
        and metric not like 'cold_%'
        and (metric not like '%_ms_p%' or metric like '%_ms_p95' or metric = 'latency_ms_p50')
        and (
            segment = 'all'
            or (
                metric in (
                    'zero_results_share', 'exposure_share@10', 'click_share', 'ctr@10',
                    'click_ndcg@10', 'purchase_share', 'revenue_per_answer', 'ndcg@10'
                )
                and segment not like 'hour=%'
            )
        )
    qualify
        row_number() over (
            partition by window_start, metric, segment order by n desc, model_tag
        ) = 1
        and (
            metric not in ('catalogue_coverage@10', 'exposure_gini@10')
            or n >= 0.9 * sum(n) over (partition by window_start, metric, segment)
        )
),
largest as (
    select *
    from mature
    qualify
        segment = 'all'
        or row_number() over (
            partition by "day", metric, segment = 'all' order by n desc, segment
        ) <= $n_segments
)
select due.*
from (
    from largest
    union all by name
    from traffic
    union all by name
    from nobody
) as due
anti join judged using ("day", metric, variant, segment);
