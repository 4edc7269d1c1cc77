-- A name in lower case, its words joined by underscores.
create or replace temp macro snake_case(name) as (
    trim(regexp_replace(lower(name), '[^\p{L}\p{N}]+', '_', 'g'), '_')
);
