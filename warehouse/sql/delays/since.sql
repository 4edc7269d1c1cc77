-- Since which day a scenario's days have been added up; no row while none has been.
select day from delays_since where scenario = $scenario;
