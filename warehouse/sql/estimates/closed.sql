-- What the metrics that are estimated came to, on the days of five weeks whose outcomes have all come.
-- Grain: one row a metric, day, model and variant. Key: all four.
create or replace temp table closed_values as
select
    'ctr@10' as metric,
    served_date as day,
    model_tag,
    variant,
    sum(n_clicked) / sum(n_shown) as value
from click_partials
join attribution_windows() as windows on windows.event_type = 'click'
where
    scenario = $scenario
    and served_date > $as_of::date - 35
    and served_date + windows.named_days <= as_of
    and "rank" <= 10
group by served_date, model_tag, variant
union all
(
    select metric, window_start, model_tag, variant, value
    from metric_values
    join attribution_windows() as windows on windows.event_type = 'purchase'
    where
        scenario = $scenario
        and metric in ('hit_rate@10', 'ndcg@10')
        and "window" = 'day'
        and segment = 'all'
        and window_start > $as_of::date - 35
        and window_start + windows.named_days <= as_of
    qualify
        row_number() over (partition by metric, window_start, model_tag, variant order by as_of desc) = 1
);
