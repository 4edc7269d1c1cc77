-- Where the estimation begins: ranks are looked at less the further down they are, and products are
-- taken half the time.
create or replace temp table examination as
select distinct "rank", 1 / "rank" as probability
from showings;
create or replace temp table attraction as
select distinct query_id, product_id, 0.5::double as probability
from showings;
