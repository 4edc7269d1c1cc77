-- What stores promote at noon of $as_of, and at noon of every seventh day before it, $weeks in all.
-- The mailer of a week is printed before the week begins, so that its promotions are known then.
-- Grain: one row a week, product and store. Key: all three.
with instants as (
    select
        unnest(range($weeks::integer)) as weeks_back,
        $as_of::timestamp + interval 12 hour - to_days(7 * weeks_back::integer) as instant
),
recent as (  -- bounds that the scan can skip by
    select *
    from stg_promotions
    where
        starts_at <= $as_of::timestamp + interval 12 hour
        and ends_at
        > $as_of::timestamp + interval 12 hour - to_days(7 * ($weeks::integer - 1))
),
wanted as (
    select instants.weeks_back, spans.starts_at, spans.ends_at
    from (select distinct starts_at, ends_at from recent) as spans
    join instants on spans.starts_at <= instants.instant and spans.ends_at > instants.instant
)
select
    wanted.weeks_back::smallint as weeks_back,
    recent.product_id,
    recent.store_id,
    recent.displayed,
    recent.mailer::tinyint as mailer
from recent
join wanted using (starts_at, ends_at)
order by weeks_back, product_id, store_id;
