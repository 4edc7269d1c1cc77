-- What a metric is made of in two windows, by each two segments and bucket of users: the days from
-- $first to $last, and before them the same weekdays of the $weeks weeks before $first on which the metric
-- was no alert. Of the champion, whichever model that was.
-- Grain: one row a pair of segments and bucket. Key: all three.
with alerted as (
    select "day"
    from alerts
    where
        scenario = $scenario
        and metric = $metric
        and variant = 'champion'
        and segment = 'all'
        and direction is not null
),
partials as (
    select
        segment,
        other_segment,
        bucket,
        served_date >= $first::date as is_now,
        case $metric
            when 'zero_results_share' then {'weight': answers, 'total': zero_results::decimal(38, 15)}
            when 'reformulation_share' then {'weight': typed, 'total': reformulated}
            when 'click_share' then {'weight': answers, 'total': clicked}
            when 'purchase_share' then {'weight': answers, 'total': purchased}
            when 'revenue_per_answer' then {'weight': answers, 'total': revenue}
            when 'ctr@10' then {'weight': shown, 'total': clicks}
            when 'click_ndcg@10' then {'weight': click_judged, 'total': click_ndcg}
            when 'ndcg@10' then {'weight': judged, 'total': ndcg}
        end as sums
    from cross_partials
    where
        scenario = $scenario
        and variant = 'champion'
        and (
            served_date between $first::date and $last::date
            or (
                served_date >= $first::date - 7 * $weeks::integer
                and served_date < $first::date
                and dayofweek(served_date) in (
                    select dayofweek(unnest(range($first::date, $last::date + 1, interval 1 day)))
                )
                and served_date not in (select "day" from alerted)
            )
        )
)
select
    segment,
    other_segment,
    bucket,
    coalesce(sum(sums.weight) filter (where not is_now), 0)::double as weight_before,
    coalesce(sum(sums.total) filter (where not is_now), 0)::double as total_before,
    coalesce(sum(sums.weight) filter (where is_now), 0)::double as weight_now,
    coalesce(sum(sums.total) filter (where is_now), 0)::double as total_now
from partials
group by segment, other_segment, bucket
order by segment, other_segment, bucket;
