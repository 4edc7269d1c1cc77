-- Scores in bins that are the same on every day and for every model: 5% wide, on both sides of zero,
-- and even below 0.0001. A score is taken for its bin's middle: 2.5% off at most, in the mean of many
-- next to nothing, and counts by bin add up to the last digit.
create or replace temp macro score_bin(score) as (round(asinh(score * 1e4) * 20)::integer);
create or replace temp macro score_of_bin(bin) as (sinh(bin / 20) / 1e4);
