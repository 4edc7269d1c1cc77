-- How often products stood among the first ten of what shoppers were shown.
-- Grain: one row a scenario, day, model, variant and product. Key: all five.
create table if not exists exposure_partials (
    scenario varchar not null,
    served_date date not null,      -- UTC
    model_tag varchar not null,
    variant varchar not null,
    product_id varchar not null,
    n bigint not null
);
