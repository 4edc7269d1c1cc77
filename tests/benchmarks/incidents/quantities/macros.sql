-- What a quantity came to on a day, and by how much chance would move it.
-- A mean over a sample; at least one row in all might have been another.
create or replace temp macro sampled(x) as {
    'value': avg(x)::double,
    'standard_error': sqrt(greatest(var_samp(x), 1 / count(x)) / count(x))
};
-- A mean over all that there is: known but for one row.
create or replace temp macro whole(x) as {
    'value': avg(x)::double, 'standard_error': 1 / count(x)
};
-- A count, as its root, whose standard error is always a half (Anscombe 1948).
create or replace temp macro counted(n) as {'value': sqrt(n), 'standard_error': 0.5::double};
