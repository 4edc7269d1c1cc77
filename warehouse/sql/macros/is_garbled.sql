-- Whether a text holds signs that come of a wrong encoding: UTF-8 read as Latin-1, characters that could
-- not be read, or what was escaped for an address or a page and never turned back.
create or replace temp macro is_garbled(text) as (
    regexp_matches(text, '�|[ÃÂ][\x{80}-\x{BF} ]|â€|%[2-9A-Fa-f][0-9A-Fa-f]|&(amp|quot|nbsp|lt|gt|#\d+);')
);
