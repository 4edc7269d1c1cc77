-- Keeps what was counted of a day. Of a subject's values the thousand that are most frequent on the
-- day stand by themselves, the rest together.
insert into drift_partials by name
with placed as (
    select
        *,
        row_number() over (
            partition by model_tag, subject
            order by bin is null and "value" is not null desc, n desc, "value"
        ) as nth
    from drift_day
),
named as (
    select
        * exclude (nth) replace (
            if(bin is null and "value" is not null and nth > 1000, 'all others', "value")
                as "value"
        )
    from placed
)
select
    scenario,
    served_date,
    model_tag,
    subject,
    bin,
    "value",
    sum(n)::bigint as n,
    sum(gain) as gain
from named
group by all
order by model_tag, subject, bin, "value";
