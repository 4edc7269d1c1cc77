-- Empty: what followed answers, or with a minus is taken away again.
-- Grain: one row an answer and count.
create or replace temp table crossed_events (
    answer bigint,
    clicked bigint,
    purchased bigint,
    revenue decimal(38, 15),
    clicks bigint,
    click_judged bigint,
    click_ndcg decimal(38, 15),
    judged bigint,
    ndcg decimal(38, 15)
);
