-- Whether a query is kept for the test: a fifth of them, for ever the same, so that every model is
-- held against queries that none has learnt from.
create or replace temp macro held_out(query_id) as (md5_number_lower(query_id) % 5 = 0);
