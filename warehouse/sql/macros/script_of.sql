-- Which script a text is written in: of several the first that is not Latin; 'broken' where its bytes
-- were read in a wrong encoding; null where it has no letters.
create or replace temp macro script_of(typed) as (
    case
        when regexp_matches(typed, '^[ -~]*$') then if(regexp_matches(typed, '[A-Za-z]'), 'latin', null)
        when regexp_matches(typed, '\x{FFFD}|[ÃÂ][\x{80}-\x{BF}]|â€') then 'broken'
        when regexp_matches(typed, '\p{Cyrillic}') then 'cyrillic'
        when regexp_matches(typed, '\p{Greek}') then 'greek'
        when regexp_matches(typed, '\p{Arabic}') then 'arabic'
        when regexp_matches(typed, '\p{Hebrew}') then 'hebrew'
        when regexp_matches(typed, '\p{Hiragana}|\p{Katakana}') then 'kana'
        when regexp_matches(typed, '\p{Han}') then 'han'
        when regexp_matches(typed, '\p{Hangul}') then 'hangul'
        when regexp_matches(typed, '\p{Devanagari}') then 'devanagari'
        when regexp_matches(typed, '\p{Thai}') then 'thai'
        when regexp_matches(typed, '\p{Latin}') then 'latin with marks'
        when regexp_matches(typed, '\p{L}') then 'other'
    end
);
