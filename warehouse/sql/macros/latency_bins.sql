-- Latencies on a logarithmic scale. Bin k > 0 reaches from latency_in_bin(k, 0) to latency_in_bin(k, 1),
-- which is 1% more; bin 0 holds what took less than 1 µs, such as the reading of what was kept, and
-- the last one what took more than eleven days.
create or replace temp macro latency_bin(ms) as if(
    ms < 0.001, 0, 1 + floor(ln(least(ms, 1e9) / 0.001) / ln(1.01))
)::smallint;
create or replace temp macro latency_in_bin(bin, share) as if(
    bin = 0, 0, 0.001 * 1.01 ** (bin - 1 + share)
);
