-- Counts what a day's answers showed, and what was clicked of it.
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
    count(followed) as n_clicked,
    $as_of::date as as_of
from click_shown
left join click_followed using (request_id, product_id)
group by all
order by all;
