-- Shares of a scenario's requests of a day, a shadow's left out.
--   robot_share             of robots
--   busy_user_share         of users who asked at least 30 times
--   other_model_share       answered by a model that no rollout of that day names
--   garbled_share           with signs in the query that come of a wrong encoding
--   superseded_share        answered from an online state or an index (the part) that another one had
--                           followed on an earlier day, or from a state made before one that had been
--                           served by then: names of states begin with when they were made
--   before_request_share    of the events that name them: said to have happened before them
-- Grain: one row a measure and part; none where nothing of the kind is known.
insert into data_quality by name
with asked as (
    select *
    from served_requests
    where
        scenario = $scenario
        and occurred_at >= $day::date
        and occurred_at < $day::date + 1
        and shadow_of is null
),
users as (
    select
        count(*) as n,
        user_id in (
            select user_id from robots where scenario = $scenario and served_date = $day::date
        ) as robot
    from asked
    group by user_id
),
in_service as (
    select unnest([champion, beside]) as model_tag
    from rollouts
    where
        scenario = $scenario
        and starts_on <= $day::date
        and starts_on >= coalesce(
            (
                select max(starts_on)
                from rollouts
                where scenario = $scenario and starts_on < $day::date
            ),
            $day::date
        )
),
versions as (
    select kind, version, first_day
    from versions_seen
    where scenario = $scenario
),
served as (
    unpivot (select state_version as state, index_version as index from asked where error is null)
    on state, index
    into name kind value version
),
superseded as (
    select
        served.kind,
        coalesce(
            versions.first_day < earlier.last_day
            or (served.kind = 'state' and served.version < earlier.last_version),
            false
        ) as superseded
    from served
    join versions using (kind, version)
    left join (
        select kind, max(first_day) as last_day, max(version) as last_version
        from versions
        where first_day < $day::date
        group by kind
    ) as earlier using (kind)
),
named as (
    select events.occurred_at < asked.occurred_at as before
    from stg_events as events
    join asked using (request_id)
    where
        events.occurred_at >= $day::date - 1
        and events.occurred_at < $day::date + 1
        and events.request_id is not null
),
measured as (
    select
        'robot_share' as measure,
        'all' as part,
        coalesce(sum(n) filter (where robot), 0)::double as part_of,
        sum(n)::bigint as n
    from users
    union all
    select 'busy_user_share', 'all', coalesce(sum(n) filter (where n >= 30), 0), sum(n)::bigint
    from users
    union all
    select
        'other_model_share',
        'all',
        count_if(
            model_tag not in (select model_tag from in_service where model_tag is not null)
        ),
        count(*)
    from asked
    where error is null and (select count(*) from in_service) > 0
    union all
    select 'garbled_share', 'all', count_if(is_garbled(query)), count(query)
    from asked
    union all
    select 'before_request_share', 'all', count_if(before), count(*)
    from named
    union all
    select 'superseded_share', kind, count_if(superseded), count(*)
    from superseded
    group by kind
)
select
    $scenario as scenario,
    $day::date as day,
    measure,
    part,
    part_of / n as value,
    n
from measured
where n > 0
order by measure, part;
