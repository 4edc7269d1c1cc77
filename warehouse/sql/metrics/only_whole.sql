-- Drops every segment but the whole.
delete from segments where segment <> 'all';
