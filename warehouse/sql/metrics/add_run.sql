-- Adds a registered ranking to the run. A product that it has twice counts where it stands first.
insert into run by name
select $ranker as ranker, query_id, product_id, max(score) as score
from ranking
group by query_id, product_id;
