-- Who bought what on a day: what a replay asks recommendations for and then reports back.
-- Grain: one row a user. Key: user_id.
select
    user_id,
    min(occurred_at) as arrived_at,
    list(
        {
            'event_id': event_id,
            'event_type': event_type,
            'product_id': product_id,
            'user_id': user_id,
            'occurred_at': strftime(occurred_at, '%Y-%m-%dT%H:%M:%SZ'),
            'session_id': session_id,
            'quantity': quantity,
            'price': price,
            'discount': discount,
            'store_id': store_id
        }
        order by occurred_at, event_id
    ) as events
from stg_events
where
    event_type = 'purchase'
    and user_id is not null
    and occurred_at >= $day::date
    and occurred_at < $day::date + 1
group by user_id
order by arrived_at, user_id;
