-- Counts what followed a day's answers by its end, so that days are of one age, for all models
-- together; of what was bought also the price and the quantity.
insert into drift_day by name
with followed as (
    select
        outcomes.event_type,
        value_bin(outcomes.price) as paid_price,
        value_bin(outcomes.quantity) as quantity
    from outcomes
    join day_answers as answers using (request_id)
    where
        answers.seen
        and outcomes.event_type <> 'impression'
        and outcomes.occurred_at >= $day::date
        and outcomes.occurred_at < $day::date + 1
),
counted as (
    select 'event_type' as subject, null as bin, event_type as "value" from followed
    union all by name
    select 'paid_price' as subject, paid_price as bin from followed where event_type = 'purchase'
    union all by name
    select 'quantity' as subject, quantity as bin from followed where event_type = 'purchase'
)
select
    $scenario as scenario,
    $day::date as served_date,
    '' as model_tag,
    subject,
    bin,
    "value",
    count(*) as n
from counted
group by all;
