-- The catalogue as it stands.
-- Grain: one row a product.
select
    price,
    brand,
    category,
    len(title) as letters_of_title,
    (price is null)::int as without_price,
    (brand is null)::int as without_brand,
    (category is null)::int as without_category
from stg_products
