-- Since which day `request_ages` and `first_events` hold a scenario's days. Those before it are added
-- up when they are first asked for: so are all in a warehouse of before there were such sums.
-- Grain: one row a scenario. Key: scenario.
create table if not exists delays_since (
    scenario varchar primary key,
    day date not null
);
