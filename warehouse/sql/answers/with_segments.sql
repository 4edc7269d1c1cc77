-- The answers of counted_answers with the segments that they are in by who asked, when, where, and for what.
-- Grain: one row an answer and sign. Key: answer, query_id, and both request_id and sign.
create or replace temp table day_answers as
with contexts as (
    from context_segments
    where scenario = $scenario and served_date between $first::date and $last::date
),
activities as (
    from user_activities
    where scenario = $scenario and served_date between $first::date and $last::date
)
select
    counted.* exclude (query_frequency, store_id, country, device),
    list_filter(
        [
            'all',
            hour_segment(hour(occurred_at)),
            activities.activity,
            'query=' || query_frequency,
            'store=' || stores.value,
            'country=' || countries.value,
            'device=' || devices.value
        ],
        lambda segment: segment is not null
    ) as segments
from counted_answers as counted
left join activities
    on counted.served_date = activities.served_date and counted.user_id = activities.user_id
left join contexts as stores
    on
        stores.kind = 'store_id'
        and counted.served_date = stores.served_date
        and counted.store_id = stores.value
left join contexts as countries
    on
        countries.kind = 'country'
        and counted.served_date = countries.served_date
        and counted.country = countries.value
left join contexts as devices
    on
        devices.kind = 'device'
        and counted.served_date = devices.served_date
        and counted.device = devices.value;
