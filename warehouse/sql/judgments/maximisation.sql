-- The probabilities that make these the likeliest. Summed as decimals: in whatever order, a second
-- run comes to the same last digit.
create or replace temp table examination as
select "rank", sum(looked_at::decimal(38, 12))::double / sum(shown) as probability
from expectation
group by "rank";
create or replace temp table attraction as
select query_id, product_id, sum(wanted::decimal(38, 12))::double / sum(shown) as probability
from expectation
group by query_id, product_id;
