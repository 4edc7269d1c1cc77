-- Counts how often each product stood among the first ten of a day.
insert into exposure_partials by name
select
    $scenario as scenario,
    $day::date as served_date,
    answers.model_tag,
    answers.variant,
    facts.product_id,
    count(*) as n
from first_ten as ten
join day_answers as answers using (answer)
join product_facts as facts using (product)
where ten.shown
group by answers.model_tag, answers.variant, facts.product_id;
