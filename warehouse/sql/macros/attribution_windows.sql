-- How many days after a request something still counts as an outcome of it: what names the request,
-- and what is given to the user's last one. A guess ages faster than a word; a return that names no
-- request is of an earlier purchase. The longest window is how many days a night looks back.
-- Grain: one row an event type. Key: event_type.
create or replace temp macro attribution_windows() as table (
    select *
    from (
        values
            ('impression', 1, 1),
            ('click', 1, 1),
            ('add_to_cart', 1, 1),
            ('purchase', 7, 1),
            ('redemption', 7, 1),
            ('return', 28, 0)
    ) as windows (event_type, named_days, guessed_days)
);
