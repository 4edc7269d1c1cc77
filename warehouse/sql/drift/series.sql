-- What is compared on a day: each model's subjects with the weeks before, and those that are learnt
-- from with the weeks before the model's training cut. The model of what is about all models is the
-- one that most of the day's requests were of.
-- Grain: one row a model, subject and reference. Key: series, and these three.
create or replace temp table drift_series as
with counted as (
    select model_tag, subject, sum(n)::bigint as n
    from drift_partials
    where scenario = $scenario and served_date = $day::date
    group by model_tag, subject
),
live as (
    select model_tag
    from counted
    where subject = 'degraded'
    order by n desc, model_tag
    limit 1
),
compared as (
    select model_tag, subject, 'weeks' as reference, $day::date as before
    from counted
    union all
    select counted.model_tag, subject, 'training', models.training_cut
    from counted
    join drift_subjects() as subjects using (subject)
    join models
        on models.model_tag = coalesce(nullif(counted.model_tag, ''), (select model_tag from live))
    where subjects.is_learnt and models.training_cut <= $day::date
)
select
    row_number() over (order by model_tag, subject, reference)::integer as series,
    *
from compared;
