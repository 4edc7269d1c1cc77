-- Nights after $day that were measured already are due again: what they knew may have changed.
insert or ignore into nights_due
select $scenario, $day::date + 1
where exists (
    select 1
    from metric_values
    where scenario = $scenario and "window" = 'day' and as_of > $day::date
);
