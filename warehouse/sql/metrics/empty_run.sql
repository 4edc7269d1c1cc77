-- An empty run: what rankers answered, one after another. Where somebody was shown a ranking its ranks
-- are known, 1, 2, 3, …; where they are null, scores put the products in order.
-- Grain: one row a ranker, query and product. Key: all three.
create or replace temp table run (
    ranker varchar, query_id varchar, product_id varchar, score double, known_rank integer
);
