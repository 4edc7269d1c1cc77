-- Files are known by their source as well, and remember how far they were checked.
create table if not exists pulled_files (
    kind varchar, path varchar, bytes bigint, lines bigint, primary key (kind, path)
);
alter table pulled_files rename to pulled_files_before;
create table pulled_files (
    kind varchar not null,
    source varchar not null,
    path varchar not null,
    bytes bigint not null,
    lines bigint not null,
    checked_lines bigint not null,
    primary key (kind, source, path)
);
insert into pulled_files
select
    kind,
    case kind when 'served' then 'recommend' else kind end as source,  -- the one scenario there was
    path,
    bytes,
    lines,
    lines as checked_lines
from pulled_files_before;
drop table pulled_files_before;
