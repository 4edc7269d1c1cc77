-- What each due series came to before its day, as the nights before $as_of judged it: of each of
-- $history_days days, oldest first, the value and its standard error, NaN where there is none, what it was
-- the mean of, and whether it had a band; and how far off the day before was, unless that was an alert.
-- What was an alert is left out for two weeks, and counts afterwards as having been at the edge of its
-- band: so an incident leaves no trace while it goes on, and what stays is expected at last.
-- Grain: one row a due series. Key: day, metric, variant and segment.
with known as (
    select
        due."day",
        due.metric,
        due.variant,
        due.segment,
        (due."day" - before."day")::bigint as age,
        case
            when before.direction is null then before.value
            when before."day" < due."day" - 14
                then greatest(least(before.value, before.high), before.low)
        end as value,
        before.n,
        before.standard_error as error,
        if(before.direction is null, before.score, null) as score,
        before.low is not null as banded
    from due_series as due
    join alerts as before using (metric, variant, segment)
    where
        before.scenario = $scenario
        and before.as_of < $as_of::date
        and before."day" < due."day"
        and before."day" >= due."day" - $history_days::integer
),
listed as (
    select
        "day",
        metric,
        variant,
        segment,
        map(
            list(age),
            list({'value': value, 'n': n, 'error': error, 'score': score, 'banded': banded})
        ) as days
    from known
    group by all
),
ages as (
    select range($history_days::bigint, 0, -1) as ages
)
select
    due.*,
    list_transform(ages, lambda age: coalesce(days[age].value, 'nan'::double)) as history,
    list_transform(ages, lambda age: coalesce(days[age].n, 0)::double) as sizes,
    list_transform(ages, lambda age: coalesce(days[age].error, 'nan'::double)) as errors,
    list_transform(ages, lambda age: coalesce(days[age].banded, false)) as banded,
    coalesce(days[1].score, 0) as score_before
from due_series as due
cross join ages
left join listed using ("day", metric, variant, segment)
order by "day", metric, variant, segment;
