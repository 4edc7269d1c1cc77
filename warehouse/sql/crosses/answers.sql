-- The segments that `day_answers` are crossed by: the answer's own but the hour, and category, brand and
-- popularity of the product that stood first. `all` stands last: each is crossed with those after it.
-- Grain: one row an answer that was seen, and sign. Key: answer, and query_id.
create or replace temp table crossed_answers as
with first_products as (
    select request_id, product_id
    from served_candidates
    where served_date = any($days::date[]) and "rank" = 1 and shown
)
select
    answers.answer,
    answers.request_id,
    answers.query_id,
    answers.sign,
    answers.served_date,
    answers.model_tag,
    answers.variant,
    (answers.bucket % 16)::utinyint as bucket,
    list_filter(
        answers.segments, lambda segment: segment <> 'all' and not starts_with(segment, 'hour=')
    )
    || list_filter(
        coalesce(catalogue.segments, []), lambda segment: not starts_with(segment, 'supplier=')
    )
    || if(catalogue.product is null, [], [coalesce(places.place, 'new')])
    || ['all'] as segments
from day_answers as answers
left join first_products using (request_id)
left join catalogue_segments as catalogue using (product_id)
left join product_places as places
    on
        answers.served_date = places.served_date
        and first_products.product_id = places.product_id
where answers.seen;
