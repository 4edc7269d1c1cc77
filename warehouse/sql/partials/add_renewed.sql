-- Adds what was counted up to the end of $as_of to what is there of its days: most of that stays as it
-- is. Of what nothing was shown of nothing is kept.
merge into metric_partials
using (
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
    having sum(n) <> 0 or sum(weight) <> 0 or sum(total) <> 0 or sum(squares) <> 0
) as since
on
    metric_partials.scenario = since.scenario
    and metric_partials.served_date = since.served_date
    and metric_partials.segment = since.segment
    and metric_partials.model_tag = since.model_tag
    and metric_partials.variant = since.variant
    and metric_partials.metric = since.metric
    and metric_partials.bucket = since.bucket
    and metric_partials.as_of is not null
when matched and metric_partials.n + since.n = 0 then delete
when matched then update set
    n = metric_partials.n + since.n,
    weight = metric_partials.weight + since.weight,
    total = metric_partials.total + since.total,
    squares = metric_partials.squares + since.squares
when not matched and since.n > 0 then insert by name;
