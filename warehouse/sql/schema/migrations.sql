-- Which numbered changes of `sql/migrations` this warehouse has had.
-- Grain: one row a change. Key: name.
create table if not exists migrations (name varchar primary key);
