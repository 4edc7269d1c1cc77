-- Both distributions of what drifted in the last week, each of the last day on which it did; numbers with
-- the middle of their bin.
-- Grain: one row a scenario, model, subject, reference and bin or value. Key: all of these.
select
    *,
    if(value_has_place(bin), value_of_bin(bin), null) as middle
from drift_distributions
where day > (select max(day) - 7 from drift_values)
qualify day = max(day) over (partition by scenario, model_tag, subject, reference)
order by scenario, subject, model_tag, reference, bin, "value";
