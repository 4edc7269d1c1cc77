-- What was ranked for each request, shown or not.
-- Grain: one row a request and candidate of its pool. Key: (request_id, product_id).
create table if not exists served_candidates (
    request_id varchar not null,
    product_id varchar not null,
    "rank" integer not null,
    score double not null,
    propensity double not null,
    shown boolean not null,
    stage varchar,                  -- which stage of the ranking found it
    served_date date,               -- UTC, of the request; null: staged before days were known
    variant varchar                 -- of an interleaved answer: whose ranking put it there
);
