-- What an answer promises in bins that are the same on every day and for every model: as score_bin, but
-- 1% wide, since the means of ten scores lie closer to each other than scores do.
create or replace temp macro promise_bin(promise) as (round(asinh(promise * 1e4) * 100)::integer);
