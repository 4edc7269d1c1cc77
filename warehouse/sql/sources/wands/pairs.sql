-- Features are key:value pairs joined by |, blanks around either; a value may hold colons.
create or replace temp table pairs as
with features as (
    select product_id, unnest(string_split(product_features, '|')) as feature
    from read_csv(
        $path, delim = '\t', header = true, quote = '"', escape = '"', all_varchar = true
    )
)
select
    product_id,
    split_part(feature, ':', 1) as key,
    if(contains(feature, ':'), feature[position(':' in feature) + 1:], null) as value
from features;
