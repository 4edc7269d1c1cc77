-- Every ranking that the services gave, or did not come to give, as their prediction logs hold it (bentos/serving/record.py owns the columns).
-- Grain: one row a log line. Key: (source, batch, row_number).
create table if not exists raw_served (
    source varchar not null,        -- the scenario's name
    batch varchar not null,         -- the log file
    row_number bigint not null,     -- the line in that file, from 0
    log_version integer,
    request_id varchar,
    scenario varchar,
    occurred_at timestamp,          -- UTC: when the shopper asked
    logged_at timestamp,            -- UTC: when the line was written
    user_id varchar,
    session varchar[],
    exclude varchar[],
    "limit" integer,                -- so many candidates after the offset were shown
    context varchar,                -- JSON object, as the caller sent it
    model_tag varchar,
    bento_tag varchar,
    variant varchar,                -- champion, challenger, shadow or interleaved
    policy varchar,                 -- how the order was drawn from the scores
    state_version varchar,
    backend varchar,
    precision varchar,
    n_scored integer,               -- products that got a score
    n_read integer,                 -- of them by the model itself; null before version 3
    degraded boolean,
    -- feedback that was counted beside the state: it can't be had from the state's version again
    recent struct(
        event_id varchar,
        event_type varchar,
        product_id varchar,
        occurred_at timestamp,
        quantity double,
        price double,
        discount double,
        store_id varchar
    )[],
    -- the best of what was scored, at most 100
    candidates struct(
        product_id varchar, "rank" integer, score double, propensity double, stage varchar,
        variant varchar
    )[],
    timings_ms struct(
        retrieve double, features double, queue double, score double, total double
    ),
    error varchar,
    query varchar,                  -- as it was typed; null where nothing is typed
    "offset" integer,               -- candidates ranked up to here were not shown
    asked varchar,                  -- JSON object: filters, sort and what else was asked for
    understood varchar,             -- JSON object: what was made of the query
    index_version varchar,          -- null where nothing is retrieved from an index
    deadline_ms double,             -- null where the request had none
    client_gone boolean,            -- nobody waited for the answer any more; null before version 3
    pinned boolean,                 -- a header chose the variant; null before version 4
    shadow_of varchar,              -- nobody saw this: the request whose answer was shown instead
    interleaved_with varchar        -- the champion's tag, whose ranking was mixed in
);
