-- How old the answers of windows of a scenario's days, each from one of $firsts to that of $lasts, are at the
-- end of $as_of, by model and variant.
-- Grain: one row a window, model and variant. Key: all three.
with ages as (
    select
        first_day,
        last_day,
        model_tag,
        variant,
        step_before(epoch_us(($as_of::date + 1)::timestamp) - epoch_us(occurred_at)) as age,
        count(*) as n
    from served_requests
    join days_of($firsts, $lasts) as days on served_requests.occurred_at::date = days.served_date
    where
        scenario = $scenario
        and occurred_at >= list_min($firsts)::date
        and occurred_at < list_max($lasts)::date + 1
        and not pinned
        and error is null
        and not client_gone
    group by all
)
select
    first_day,
    last_day,
    model_tag,
    variant,
    list(age order by age) as ages,
    list(n order by age) as counts
from ages
group by all;
