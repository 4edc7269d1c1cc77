-- What is for sale, taken apart as a query would name it: its kind, and parts such as brand, size
-- and colour. A kind that is only a grade ("premium") is named together with its category ("premium
-- ice cream").
-- Grain: one row a recommendable product. Key: product_id.
create or replace temp table offers as
with named as (
    select *, coalesce(product_type, category) as name
    from stg_products
    where recommendable
),
names as (
    select distinct name, category from named where name is not null
),
lengths as (
    select length(name) as characters, count(distinct name) as names
    from names
    group by characters
),
cut_off as (  -- where a source cuts its names: no other way do many have the greatest length
    select characters
    from lengths
    where characters = (select max(characters) from lengths) and names >= 10
),
kept as (
    select
        name,
        category,
        if(length(name) in (from cut_off), regexp_replace(name, '[^ /&-]+$', ''), name) as whole_words
    from names
),
kinds as (
    select
        name,
        category,
        shop_words(whole_words) as kind_words,
        shop_words(split_part(category, '/', 1)) as category_words
    from kept
),
sizes as (
    select size, shop_size(size) as size_words
    from (select distinct size from named)
),
spelled as (
    select
        name,
        category,
        if(
            len(
                list_filter(
                    kind_words,
                    lambda word: word not in (
                        'and', 'angus', 'basic', 'better', 'blends', 'choice', 'cooked', 'cups', 'dry', 'economy',
                        'enhanced', 'everyday', 'for', 'fresh', 'frozen', 'garden', 'large', 'lean', 'mainstream',
                        'meat', 'medium', 'multi', 'natural', 'organic', 'pack', 'pints', 'plain', 'plus', 'popular',
                        'premium', 'primal', 'promotional', 'raw', 'regular', 'seasonal', 'select', 'serve',
                        'single', 'small', 'smoked', 'special', 'specialty', 'standard', 'super', 'traditional',
                        'ultra', 'value', 'variety', 'whole', 'you'
                    )
                )
            ) = 0,
            each_once(kind_words || category_words),
            kind_words
        ) as words
    from kinds
),
bought as (
    select product_id, count(*) as purchases
    from stg_events
    where event_type = 'purchase'
    group by product_id
)
select
    named.product_id,
    [coalesce(department, ''), coalesce(named.category, '')] as shelf,
    words,
    if(can_be_typed(words), array_to_string(words, ' '), null) as kind,
    list_filter(
        [
            {
                'slot': 'brand',
                'value': if(
                    lower(brand) in (  -- whose a brand is names none
                        'generic', 'n/a', 'national', 'none', 'other', 'own', 'private', 'private label',
                        'store brand', 'unbranded', 'unknown'
                    ),
                    null,
                    lower(plain_text(brand))
                )
            },
            {'slot': 'size', 'value': size_words}
        ]
        || list_transform(
            list_filter(
                map_entries(attributes),
                lambda entry: regexp_matches(entry.key, '(^|_)(colou?r|material|flavou?r|size)$')
                and len(entry.value) <= 20
            ),
            lambda entry: {'slot': entry.key, 'value': lower(entry.value)}
        ),
        lambda part: part.value is not null
    ) as parts,
    coalesce(purchases, 0) as purchases
from named
join spelled on named.name = spelled.name and named.category is not distinct from spelled.category
left join sizes on named.size = sizes.size
left join bought on named.product_id = bought.product_id;
