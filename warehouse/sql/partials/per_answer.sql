-- What can be said of each answer that shoppers saw as soon as its day is over.
--   zero_results_share    nothing was found, or only what comes nearest (search's stage `nearest`)
--   shown@10              how many products were shown among the first ten; of first pages
--   novelty@10            mean of -log2(popularity) of the first ten, in bits (Zhou et al. 2010)
--   diversity@10          share of the pairs of the first ten that are of two categories (Ziegler et
--                         al. 2005, with categories for the distance)
--   popularity_lift@10    mean popularity of the first ten over that of what is bought anyway, less 1
--                         (Abdollahpouri et al. 2020, held against all shoppers' purchases)
--   new_product_share@10  share of the first ten that nobody bought before
--   reformulation_share   of what known users typed: the same one typed something else within five
--                         minutes, and did nothing with this answer before that
-- Grain: one row an answer. Key: answer.
create or replace temp table per_answer as
with by_category as (
    select
        ten.answer,
        count(*) filter (where ten.shown) as n,
        sum(facts.novelty) filter (where ten.shown) as novelty,
        sum(facts.popularity) filter (where ten.shown) as popularity,
        count(*) filter (where ten.shown and facts.is_new) as n_new,
        count(*) filter (where ten.stage is distinct from 'nearest') as n_found
    from first_ten as ten
    join product_facts as facts using (product)
    group by ten.answer, facts.category
),
listed as (
    select
        answer,
        sum(n) as n,
        sum(novelty)::double / nullif(sum(n), 0) as novelty,
        sum(popularity)::double / nullif(sum(n), 0) as popularity,
        sum(n_new) / nullif(sum(n), 0) as new_share,
        sum(n_found) > 0 as is_found,
        1 - sum(n * (n - 1)) / nullif(sum(n) * (sum(n) - 1), 0) as diversity
    from by_category
    group by answer
),
usual as (
    select sum((popularity::double ** 2)::decimal(38, 20))::double as popularity
    from product_facts
),
typed as (
    select
        answer,
        request_id,
        lead(query) over next_of_user as next_query,
        lead(occurred_at) over next_of_user as next_at,
        occurred_at,
        query
    from day_answers
    where seen and query is not null and user_id <> ''
    window next_of_user as (partition by user_id order by occurred_at, answer)
),
done as (
    select request_id, min(occurred_at) as first_at
    from outcomes
    where
        event_type <> 'impression'
        and occurred_at >= $day::date
        and occurred_at < $day::date + 1
    group by request_id
)
select
    answers.answer,
    (not coalesce(listed.is_found, false))::int as zero_results_share,
    if(listed.n = 0, null, coalesce(listed.n, 0)) as "shown@10",
    listed.novelty as "novelty@10",
    listed.diversity as "diversity@10",
    listed.popularity / usual.popularity - 1 as "popularity_lift@10",
    listed.new_share as "new_product_share@10",
    if(
        typed.answer is null,
        null,
        coalesce(
            typed.next_query <> typed.query
            and typed.next_at <= typed.occurred_at + interval 5 minutes
            and coalesce(done.first_at > typed.next_at, true),
            false
        )::int
    ) as reformulation_share
from day_answers as answers
cross join usual
left join listed using (answer)
left join typed using (answer)
left join done on answers.request_id = done.request_id
where answers.seen;
