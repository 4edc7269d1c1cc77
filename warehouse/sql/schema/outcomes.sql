-- What shoppers did after a ranking, each event given to one request: the one that it names, else
-- the user's last one; within the type's attribution window. All that is known by now is here: who
-- asks for a past day's knowledge reads up to its end.
-- Grain: one row an event. Key: event_id.
create table if not exists outcomes (
    request_id varchar not null,
    event_id varchar not null,
    event_type varchar not null,
    product_id varchar not null,
    occurred_at timestamp not null,
    quantity double,
    price double
);
