-- How metrics of a scenario's days have grown from so many days later ($ages) until the window of purchases
-- closed: the ratio of their means over the days that closed in the four weeks up to $as_of, each day
-- by its final n, and that ratio's relative standard error, from how single days depart from it.
-- Chain ladder: Mack, Distribution-free calculation of the standard error of chain ladder reserve
-- estimates, 1993. Summed in the order of the days, so that a second run comes to the same last digit.
-- Grain: one row an age and metric. Key: both.
with known as (
    select metric, model_tag, window_start, as_of - window_start as age, value, n
    from metric_values
    where
        scenario = $scenario
        and "window" = 'day'
        and segment = 'all'
        and variant = 'champion'
        and as_of <= $as_of::date
        and window_start > $as_of::date - 28 - $window
        and window_start <= $as_of::date - $window
),
pairs as (
    select
        young.age,
        young.metric,
        (young.window_start, young.model_tag) as place,
        closed.n * young.value as young,
        closed.n * closed.value as closed
    from known as young
    join known as closed using (metric, model_tag, window_start)
    where young.age in (select unnest($ages::integer[])) and closed.age = $window
),
factors as (
    select
        age,
        metric,
        count(*) as days,
        sum(closed order by place) as closed,
        sum(closed order by place) / nullif(sum(young order by place), 0) as factor
    from pairs
    group by age, metric
)
select
    factors.age,
    factors.metric,
    factors.factor,
    sqrt(
        sum((pairs.closed - factors.factor * pairs.young) ** 2 order by pairs.place)
        * factors.days
        / (factors.days - 1)
    )
    / factors.closed as relative_error
from factors
join pairs using (age, metric)
where factors.factor > 0 and factors.days >= $least_days
group by factors.age, factors.metric, factors.factor, factors.days, factors.closed
order by factors.age, factors.metric;
