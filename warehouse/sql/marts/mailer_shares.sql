-- In which share of all stores a product is in the mailer, at noon of $as_of and of every seventh
-- day before it.
-- Grain: one row a week and product in the mailer. Key: (weeks_back, product_id).
with instants as (
    select
        unnest(range(520)) as weeks_back,
        $as_of::timestamp + interval 12 hour - to_days(7 * weeks_back::integer) as instant
)
select instants.weeks_back::smallint as weeks_back, mailer_weeks.product_id, mailer_weeks.share
from mailer_weeks
join instants
    on mailer_weeks.starts_at <= instants.instant and mailer_weeks.ends_at > instants.instant
order by weeks_back, product_id;
