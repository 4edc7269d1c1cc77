-- An empty run: what rankers answered, one after another.
-- Grain: one row a ranker, query and product. Key: all three.
create or replace temp table run (
    ranker varchar, query_id varchar, product_id varchar, score double
);
