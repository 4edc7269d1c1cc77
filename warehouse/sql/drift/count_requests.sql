-- Counts a day's requests, whoever asked and whatever came of them: by what was asked for all models
-- together, by what the service made of it for each model. Tests (pinned) and shadows are left out.
insert into drift_day by name
with gains as (
    select answers.request_id, sum(clicked.gain) as gain
    from clicked
    join day_answers as answers using (answer)
    where answers.seen
    group by answers.request_id
),
asked as (
    select
        requests.model_tag,
        query_frequency,
        value_bin(len(string_split(trim(query), ' '))) as query_words,
        script_of(query) as query_script,
        store_id as store,
        country,
        device,
        value_bin(hour(occurred_at)) as hour,
        coalesce(split_part(error, ':', 1), 'none') as error,
        if(degraded, 'yes', 'no') as degraded,
        value_bin(n_scored) as n_candidates,
        value_bin(
            date_diff('hour', try_strptime(left(state_version, 15), '%Y%m%dT%H%M%S'), occurred_at)
        ) as state_age,
        coalesce(gains.gain, 0) as gain
    from served_requests as requests
    left join gains using (request_id)
    where
        scenario = $scenario
        and occurred_at >= $day::date
        and occurred_at < $day::date + 1
        and not pinned
        and shadow_of is null
)
select
    $scenario as scenario,
    $day::date as served_date,
    coalesce(model_tag, '') as model_tag,
    case
        when grouping(query_frequency) = 0 then 'query_frequency'
        when grouping(query_words) = 0 then 'query_words'
        when grouping(query_script) = 0 then 'query_script'
        when grouping(store) = 0 then 'store'
        when grouping(country) = 0 then 'country'
        when grouping(device) = 0 then 'device'
        when grouping(hour) = 0 then 'hour'
        when grouping(error) = 0 then 'error'
        when grouping(degraded) = 0 then 'degraded'
        when grouping(n_candidates) = 0 then 'n_candidates'
        when grouping(state_age) = 0 then 'state_age'
    end as subject,
    coalesce(query_words, hour, n_candidates, state_age) as bin,
    coalesce(query_frequency, query_script, store, country, device, error, degraded) as "value",
    count(*) as n,
    sum(gain) as gain
from asked
group by grouping sets (
    (query_frequency), (query_words), (query_script), (store), (country), (device), (hour),
    (model_tag, error), (model_tag, degraded), (model_tag, n_candidates), (model_tag, state_age)
);
