-- What the catalogue of a day looks like, and how it differs from that of four weeks before; as far back
-- as it is known.
--   catalogue_missing_share       products without a field, which is the part
--   catalogue_garbled_share       with signs in the title that come of a wrong encoding
--   catalogue_repeated_share      with the title and brand of another product, beyond the first of them
--   catalogue_price_jump_share    of those known then with a price: now at three times it or more, or a
--                                 third or less
--   catalogue_price_jump          by what factor, in the median of these; no row where there are none
--   catalogue_recategorised_share of those known then with a category: now in another one
-- `day_catalogue` is taken (take_catalogue).
-- Grain: one row a measure and part.
insert into data_quality by name
with earlier as (
    select product_id, arg_max(price, since) as price, arg_max(category, since) as category
    from catalogue_history
    where
        since <= greatest(
            $day::date - 28, (select min(since) from catalogue_history)
        )
    group by product_id
),
jumps as (
    select ln(day_catalogue.price / earlier.price) as jump
    from day_catalogue
    join earlier using (product_id)
    where day_catalogue.price > 0 and earlier.price > 0
),
categories as (
    select day_catalogue.category is distinct from earlier.category as moved
    from day_catalogue
    join earlier using (product_id)
    where earlier.category is not null
),
counted as (
    select
        count(*) as n,
        count(*) - count(title) as title,
        count(*) - count(price) as price,
        count(*) - count(brand) as brand,
        count(*) - count(category) as category
    from day_catalogue
),
missing as (
    unpivot counted
    on title, price, brand, category
    into name field value n_missing
),
measured as (
    select 'catalogue_missing_share' as measure, field as part, n_missing / n as value, n
    from missing
    union all
    select 'catalogue_garbled_share', 'all', count_if(is_garbled(title)) / count(title), count(title)
    from day_catalogue
    union all
    select
        'catalogue_repeated_share',
        'all',
        1 - count(distinct (title, coalesce(brand, ''))) / count(title),
        count(title)
    from day_catalogue
    where title is not null
    union all
    select 'catalogue_price_jump_share', 'all', count_if(abs(jump) > ln(3)) / count(*), count(*)
    from jumps
    union all
    select 'catalogue_price_jump', 'all', exp(median(jump)), count(*)
    from jumps
    where abs(jump) > ln(3)
    union all
    select 'catalogue_recategorised_share', 'all', count_if(moved) / count(*), count(*)
    from categories
)
select $scenario as scenario, $day::date as day, *
from measured
where n > 0
order by measure, part;
