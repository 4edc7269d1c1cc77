-- Stores how likely ranks are looked at. `learnt` is registered.
insert into examination by name
select $scenario as scenario, $as_of::date as as_of, *
from learnt;
