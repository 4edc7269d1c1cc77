-- Keeps what was counted of days up to the end of $as_of.
insert into metric_partials by name
select
    $scenario as scenario,
    served_date,
    segment,
    model_tag,
    variant,
    metric,
    bucket,
    $as_of::date as as_of,
    sum(n) as n,
    sum(weight) as weight,
    sum(total) as total,
    sum(squares) as squares
from renewed
group by served_date, segment, model_tag, variant, metric, bucket
having sum(n) > 0;
