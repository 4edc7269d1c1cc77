-- Each two of a list of segments, in their order, the last of which is `all`; and it by itself.
create or replace temp macro crossed(segments) as (
    flatten(
        list_transform(
            segments,
            lambda one, place: list_transform(
                segments[place + 1:], lambda other: {'segment': one, 'other_segment': other}
            )
        )
    )
    || [{'segment': 'all', 'other_segment': 'all'}]
);
