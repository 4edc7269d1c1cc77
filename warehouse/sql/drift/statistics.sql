-- How far two distributions are from each other, from `drift_counts` (a row a series and bin or value:
-- n, n_reference) alone. What is missing is a bin like any other, but has no place in the order of
-- numbers. p and q are the shares of a bin now and in the reference, P and Q what has come up to it.
--   psi             sum (p - q) ln(p / q), with half a count more in every bin: none is empty
--   jensen_shannon  the distance: sqrt((KL(p, m) + KL(q, m)) / 2), m = (p + q) / 2, in bits (Lin 1991)
--   ks              max |P - Q| of numbers (Kolmogorov and Smirnov)
--   wasserstein     integral of |P - Q| over numbers, a bin's taken for its middle
--   chi_square      Pearson's, of the table of bins by now and then
--   new_share       share of what has bins that the reference has nothing in
-- Grain: one row a series. Key: series.
create or replace temp table drift_statistics as
with sizes as (
    select
        series,
        count(*) as n_bins,
        sum(n)::bigint as n,
        sum(n_reference)::bigint as n_reference,
        sum(n) filter (value_has_place(bin)) as n_placed,
        sum(n_reference) filter (value_has_place(bin)) as n_reference_placed,
        sum(n) filter (not value_has_place(bin) or (bin is null and value is null)) as n_missing,
        sum(n_reference) filter (
            not value_has_place(bin) or (bin is null and value is null)
        ) as n_reference_missing
    from drift_counts
    group by series
    having n > 0 and n_reference > 0
),
shares as (
    select
        counts.series,
        counts.bin,
        counts.value,
        counts.n,
        counts.n / sizes.n as p,
        counts.n_reference / sizes.n_reference as q,
        (counts.n + 0.5) / (sizes.n + 0.5 * sizes.n_bins) as filled_p,
        (counts.n_reference + 0.5) / (sizes.n_reference + 0.5 * sizes.n_bins) as filled_q,
        (counts.n + counts.n_reference) / (sizes.n + sizes.n_reference) as pooled
    from drift_counts as counts
    join sizes using (series)
),
summed as (
    select
        series,
        sum((filled_p - filled_q) * ln(filled_p / filled_q) order by bin, value) as psi,
        sum(
            if(p > 0, p * log2(2 * p / (p + q)), 0) + if(q > 0, q * log2(2 * q / (p + q)), 0)
            order by bin, value
        ) / 2 as divergence,
        sum((p - pooled) ** 2 / pooled order by bin, value) as off,
        sum((q - pooled) ** 2 / pooled order by bin, value) as reference_off,
        sum(n) filter (q = 0) as n_new
    from shares
    group by series
),
gaps as (
    select
        counts.series,
        counts.bin,
        abs(
            sum(counts.n) over up_to_here / sizes.n_placed
            - sum(counts.n_reference) over up_to_here / sizes.n_reference_placed
        ) as gap,
        value_of_bin(lead(counts.bin) over up_to_here) - value_of_bin(counts.bin) as width
    from drift_counts as counts
    join sizes using (series)
    where value_has_place(counts.bin) and sizes.n_placed > 0 and sizes.n_reference_placed > 0
    window up_to_here as (partition by counts.series order by counts.bin)
),
ordered as (
    select
        series,
        max(gap) as ks,
        coalesce(sum(gap * width order by bin), 0) as wasserstein
    from gaps
    group by series
)
select
    sizes.series,
    summed.psi,
    sqrt(greatest(summed.divergence, 0)) as jensen_shannon,
    ordered.ks,
    ordered.wasserstein,
    sizes.n * summed.off + sizes.n_reference * summed.reference_off as chi_square,
    coalesce(summed.n_new, 0) / sizes.n as new_share,
    coalesce(sizes.n_missing, 0) / sizes.n as missing_share,
    coalesce(sizes.n_reference_missing, 0) / sizes.n_reference as missing_share_then,
    sizes.n,
    sizes.n_reference
from sizes
join summed using (series)
left join ordered using (series);
