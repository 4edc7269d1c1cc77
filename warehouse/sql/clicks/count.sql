-- Counts what a day's answers showed, and what followed.
insert into click_partials by name
select
    $scenario as scenario,
    $day::date as served_date,
    model_tag,
    variant,
    scored_by,
    "rank",
    score_bin,
    count(*) as n_shown,
    count(*) filter (where clicked) as n_clicked,
    count(*) filter (where bought) as n_bought,
    $as_of::date as as_of
from click_shown
left join click_followed using (request_id, product_id)
group by all
order by all;
