-- Counts a day's clicks on what the same asker was shown at several ranks. Summed as decimals: in
-- whatever order, a second run comes to the same last digit.
insert into rank_contrasts by name
with clicked as (
    select distinct asker, product_id
    from click_followed
    join click_answers using (request_id)
),
stood as (
    select asker, product_id, "rank", count(*) as n_shown, count(followed) as n_clicked
    from click_shown
    left join click_followed using (request_id, product_id)
    semi join clicked using (asker, product_id)
    group by asker, product_id, "rank"
),
several as (
    select *, count(*) over (partition by asker, product_id) - 1 as n_others
    from stood
    qualify n_others > 0
)
select
    $scenario as scenario,
    $day::date as served_date,
    here."rank",
    there."rank" as other_rank,
    sum(
        (
            here.n_clicked * there.n_shown
            / ((here.n_shown + there.n_shown) * here.n_others)
        )::decimal(38, 12)
    )::double as clicks
from several as here
join several as there using (asker, product_id)
where here.n_clicked > 0 and here."rank" <> there."rank"
group by here."rank", there."rank"
order by here."rank", there."rank";
