-- Text without HTML: entities as the characters they stand for, tags gone, white space single; null
-- if nothing is left. "Mini PC (<= 3L)" is no tag: a tag's name begins with a letter.
create or replace temp macro plain_text(given) as (
    nullif(
        trim(
            regexp_replace(
                regexp_replace(
                    if(contains(given, '&'), unescape_html(given), given),
                    '(?is)<(script|style)\b.*?</(script|style)>|<!--.*?-->|</?[a-z][^<>]*>',
                    ' ',
                    'g'
                ),
                '[\s\x{a0}]+',
                ' ',
                'g'
            )
        ),
        ''
    )
);
