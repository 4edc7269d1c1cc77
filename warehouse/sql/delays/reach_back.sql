-- Remembers since which day a scenario's days have been added up.
insert or replace into delays_since values ($scenario, $first);
