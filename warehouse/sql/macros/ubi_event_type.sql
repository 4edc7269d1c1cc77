-- What an action of UBI's log is to us; null for those that no table here is about.
create or replace temp macro ubi_event_type(action_name) as (
    map {
        'add_to_cart': 'add_to_cart',
        'click': 'click',
        'click_through': 'click',
        'impression': 'impression',
        'purchase': 'purchase'
    }[lower(action_name)]
);
