-- Numbers in bins that are the same on every day, for every column and in every file: a float's sign,
-- exponent and first six bits after the point, so that a bin is 0.8 to 1.6% wide, integers below 128
-- have bins of their own, and bins stand in the order of numbers. The bin of 0 holds what is nearer to it
-- than 1.2e-38. What is missing, not finite, or too large for a float is in a bin from 16320 on, or
-- below -16320 (value_has_place).
create or replace temp macro value_key(number) as (
    create_sort_key(try_cast(number as float), 'ASC NULLS LAST') >> 41
);
create or replace temp macro key_bin(key) as (key - 49152)::smallint;
create or replace temp macro value_bin(number) as key_bin(value_key(number));
create or replace temp macro value_has_place(bin) as (bin between -16320 and 16319);
-- The middle of a bin.
create or replace temp macro value_of_bin(bin) as (
    case
        when bin < -64 then -(1 + ((-1 - bin) % 64 + 0.5) / 64) * 2.0 ** ((-1 - bin) // 64 - 127)
        when bin < 64 then 0
        else (1 + (bin % 64 + 0.5) / 64) * 2.0 ** (bin // 64 - 127)
    end
)::double;
