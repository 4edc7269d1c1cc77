-- The catalogue as the night of $day found it, or the last one before that remembered any.
-- Grain: one row a product. Key: product_id.
create or replace temp table day_catalogue as
with known as (
    select unnest(arg_max(history, since))
    from catalogue_history as history
    where since <= $day::date
    group by product_id
)
select product_id, title, price, brand, category
from known
where sold;
