-- Requests, clean: those that were answered, those that failed or whose client had gone, and what a
-- shadow would have answered to some of them.
-- Grain: one row an answer, or a request without one. Key: request_id.
create table if not exists served_requests (
    request_id varchar not null,
    scenario varchar not null,
    occurred_at timestamp not null,
    logged_at timestamp not null,
    user_id varchar not null,
    n_session integer not null,
    "limit" integer not null,
    model_tag varchar not null,
    bento_tag varchar,
    variant varchar not null,
    policy varchar not null,
    state_version varchar not null,
    backend varchar not null,
    precision varchar not null,
    n_scored integer not null,
    n_read integer,                 -- of them by the model itself; null where the log does not say
    degraded boolean not null,
    client_gone boolean not null,   -- nobody waited for the answer any more: nothing was shown
    retrieve_ms double,
    features_ms double,
    queue_ms double,                -- waiting for the model's turn
    score_ms double,
    total_ms double,
    error varchar,
    query varchar,                  -- as it was typed; null where nothing is typed
    pinned boolean not null,        -- a header chose the variant: no part of an experiment
    shadow_of varchar,              -- nobody saw this: the request whose answer was shown instead
    interleaved_with varchar,       -- the champion's tag, whose ranking was mixed in
    query_frequency varchar,        -- head, torso or tail: a third of the day's requests each
    store_id varchar,               -- as the caller said in the context
    country varchar,
    device varchar,
    deadline_ms double,             -- null where the request had none, or the log does not say
    cold boolean,                   -- the first that its process took; null where the log does not say
    index_version varchar           -- null where nothing is retrieved from an index
);
