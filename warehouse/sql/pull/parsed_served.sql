-- A chunk of a prediction log, taken apart; `lines` (batch, row_number, byte_offset, line) is registered.
-- A field of another type is null. What each record has (bentos/serving/record.py) must be there;
-- whether it makes sense is for the checks to say.
create or replace temp view parsed_lines as
with parsed as (
    select
        *,
        json_transform(
            if(json_valid(line), line, null),
            '{
                "log_version": "INTEGER",
                "request_id": "VARCHAR",
                "scenario": "VARCHAR",
                "occurred_at": "TIMESTAMP",
                "logged_at": "TIMESTAMP",
                "user_id": "VARCHAR",
                "session": ["VARCHAR"],
                "exclude": ["VARCHAR"],
                "limit": "INTEGER",
                "context": "VARCHAR",
                "model_tag": "VARCHAR",
                "bento_tag": "VARCHAR",
                "variant": "VARCHAR",
                "policy": "VARCHAR",
                "state_version": "VARCHAR",
                "backend": "VARCHAR",
                "precision": "VARCHAR",
                "n_scored": "INTEGER",
                "n_read": "INTEGER",
                "degraded": "BOOLEAN",
                "recent": [{
                    "event_id": "VARCHAR",
                    "event_type": "VARCHAR",
                    "product_id": "VARCHAR",
                    "occurred_at": "TIMESTAMP",
                    "quantity": "DOUBLE",
                    "price": "DOUBLE",
                    "discount": "DOUBLE",
                    "store_id": "VARCHAR"
                }],
                "candidates": [{
                    "product_id": "VARCHAR",
                    "rank": "INTEGER",
                    "score": "DOUBLE",
                    "propensity": "DOUBLE",
                    "stage": "VARCHAR",
                    "variant": "VARCHAR"
                }],
                "timings_ms": {
                    "retrieve": "DOUBLE",
                    "features": "DOUBLE",
                    "queue": "DOUBLE",
                    "score": "DOUBLE",
                    "total": "DOUBLE"
                },
                "error": "VARCHAR",
                "query": "VARCHAR",
                "offset": "INTEGER",
                "asked": "VARCHAR",
                "understood": "VARCHAR",
                "index_version": "VARCHAR",
                "deadline_ms": "DOUBLE",
                "client_gone": "BOOLEAN",
                "pinned": "BOOLEAN",
                "shadow_of": "VARCHAR",
                "interleaved_with": "VARCHAR"
            }'
        ) as record
    from lines
),
judged as (
    select
        *,
        case
            when record.log_version is null then 'log_version'
            when coalesce(record.request_id, '') = '' then 'request_id'
            when record.scenario is null then 'scenario'
            when record.occurred_at is null then 'occurred_at'
            when record.logged_at is null then 'logged_at'
            when record.user_id is null then 'user_id'
            when record.session is null then 'session'
            when record."exclude" is null then 'exclude'
            when record."limit" is null then 'limit'
            when record.context is null then 'context'
            when record.model_tag is null then 'model_tag'
            when record.variant is null then 'variant'
            when record.policy is null then 'policy'
            when record.state_version is null then 'state_version'
            when record.backend is null then 'backend'
            when record.precision is null then 'precision'
            when record.n_scored is null then 'n_scored'
            when record.n_read is null then 'n_read'
            when record.degraded is null then 'degraded'
            when record.recent is null then 'recent'
            when record.candidates is null then 'candidates'
            when record.timings_ms is null then 'timings_ms'
            when record."offset" is null then 'offset'
            when record.asked is null then 'asked'
            when record.understood is null then 'understood'
            when record.client_gone is null then 'client_gone'
            when record.pinned is null and record.log_version > 3 then 'pinned'
        end as missing,
        record.log_version in (3, 4) as version_known,
        record.scenario similar to '[A-Za-z0-9_-]{1,64}' as scenario_named,
        record.occurred_at >= '2000-01-01'
        and record.logged_at < '2100-01-01'
        and record.occurred_at <= record.logged_at + interval 1 day as times_possible
    from parsed
)
select
    * exclude (missing, version_known, scenario_named, times_possible),
    case
        when missing is null and version_known and scenario_named and times_possible then null
        when not json_valid(line) then 'the line is not valid JSON'
        when json_type(line) <> 'OBJECT' then 'the line is JSON, but no object'
        when not version_known
            then format('log_version is {}, and this version reads 3 and 4', record.log_version)
        when missing is not null then format('{} is missing, or of another type', missing)
        when not scenario_named
            then 'scenario is no name: expected letters, digits, _ and -, at most 64'
        else format(
            'occurred_at is {} and logged_at {}: expected after 1999 and before 2100, and '
            || 'occurred_at at most a day after logged_at',
            record.occurred_at,
            record.logged_at
        )
    end as problem
from judged;
