-- The words of a name in a catalogue as a shopper would type them: in lower case, what stands in
-- brackets left out, common abbreviations written out, words that name nothing left out, none
-- twice.
create or replace temp macro shop_word(word) as (
    coalesce(
        map {
            'bev': 'beverage', 'brkfst': 'breakfast', 'chix': 'chicken', 'chs': 'cheese', 'cnd': 'canned',
            'choc': 'chocolate', 'dnrs': 'dinners', 'drnk': 'drink', 'drnks': 'drinks',
            'flvr': 'flavored', 'flvrd': 'flavored', 'frz': 'frozen', 'frzn': 'frozen', 'grnd': 'ground',
            'hygn': 'hygiene', 'fem': 'feminine', 'jce': 'juice', 'mens': 'men''s', 'ladies': 'women''s',
            'prem': 'premium', 'prep': 'prepared', 'refrig': 'refrigerated', 'sft': 'soft', 'sndwch': 'sandwich',
            'veg': 'vegetables', 'xmas': 'christmas',
            'all': '', 'brands': '', 'bulk': '', 'fd': '', 'fluid': '', 'item': '', 'items': '', 'misc': '',
            'miscellaneous': '', 'only': '', 'other': '', 'others': '', 'products': '', 's': ''
        }[word],
        word
    )
);
create or replace temp macro each_once(entries) as (
    list_filter(entries, lambda entry, place: list_position(entries, entry) = place)
);
create or replace temp macro shop_words(name) as (
    each_once(
        list_filter(
            list_transform(
                regexp_extract_all(
                    regexp_replace(lower(name), '\([^)]*\)?', ' ', 'g'),
                    '[\p{L}\p{N}%]+(''[\p{L}]+)?'
                ),
                lambda word: shop_word(word)
            ),
            lambda word: word <> ''
        )
    )
);
-- Whether these are words that somebody would type: a code has digits or no vowel, and four words
-- are many.
create or replace temp macro can_be_typed(words) as (
    len(words) between 1 and 4
    and len(
        list_filter(
            words,
            lambda word: not (
                word in ('bbq', 'cd', 'dvd', 'pc', 'tv')
                or (regexp_full_match(word, '[\p{L}'']{2,}') and regexp_matches(word, '[aeiouy]|[^a-z'']'))
            )
        )
    ) = 0
);
-- A size as a shopper would type it; null where none would, such as a case of 40 pounds. Letters
-- before the number are the shop's.
create or replace temp macro size_of(size, number, unit) as (
    case
        when regexp_full_match(size, '[0-9]+(\.[0-9]+)? ?[a-z]+')
            then if(
                unit = 'lb' and number::double > 10,
                null,
                regexp_replace(number, '\.0+$', '') || ' '
                || coalesce(
                    map {
                        'dz': 'dozen', 'ga': 'gallon', 'gal': 'gallon', 'l': 'liter', 'pk': 'pack',
                        'pt': 'pint', 'qt': 'quart'
                    }[unit],
                    unit
                )
            )
        when regexp_full_match(size, 'x{0,4}[sml]|[0-9]{1,3}') then size
    end
);
create or replace temp macro bare_size(size) as (
    size_of(size, regexp_extract(size, '[0-9.]+'), regexp_extract(size, '[a-z]+'))
);
create or replace temp macro shop_size(size) as (
    bare_size(regexp_replace(lower(trim(size)), '^[a-z]{1,2} +', ''))
);
