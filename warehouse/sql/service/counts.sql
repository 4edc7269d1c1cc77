-- Counts a day's requests. A shadow's answers are none that anybody asked for.
--   requests      all
--   degraded      answered without all that would have been read
--   errors        failed, or refused as too much
--   error=<C>     of these, those with an error of class C, as its text begins: `C: what happened`
--   client_gone   nobody waited any more
--   deadlines     had a deadline
--   time_outs     of these, those that took longer, whatever came of them
--   n_scored      candidates with a score, where the log says how many the model read
--   n_read        of these, those that it read
--   cold_starts   were their process's first
insert into service_partials by name
with asked as (
    select
        hour(occurred_at) as hour,
        model_tag,
        variant,
        user_bucket(user_id, request_id) as bucket,
        degraded,
        client_gone,
        deadline_ms,
        total_ms,
        n_scored,
        n_read,
        cold,
        error
    from served_requests
    where
        scenario = $scenario
        and occurred_at >= $day::date
        and occurred_at < $day::date + 1
        and shadow_of is null
),
counted as (
    select
        hour,
        model_tag,
        variant,
        bucket,
        count(*)::bigint as requests,
        count_if(degraded)::bigint as degraded,
        count(error)::bigint as errors,
        count_if(client_gone)::bigint as client_gone,
        count(deadline_ms)::bigint as deadlines,
        count_if(total_ms > deadline_ms)::bigint as time_outs,
        sum(n_scored) filter (where n_read is not null)::bigint as n_scored,
        sum(n_read)::bigint as n_read,
        count_if(cold)::bigint as cold_starts
    from asked
    group by all
),
by_class as (
    select
        hour,
        model_tag,
        variant,
        bucket,
        'error=' || coalesce(nullif(regexp_extract(error, '^(\w+): ', 1), ''), 'other') as metric,
        count(*)::bigint as total
    from asked
    where error is not null
    group by all
),
totals as (
    unpivot counted
    on
        requests,
        degraded,
        errors,
        client_gone,
        deadlines,
        time_outs,
        n_scored,
        n_read,
        cold_starts
    into name metric value total
    union all by name
    from by_class
)
select $scenario as scenario, $day::date as served_date, *
from totals
where total > 0
order by all;
