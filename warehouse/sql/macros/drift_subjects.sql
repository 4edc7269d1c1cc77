-- What may drift. Of what is learnt from there is a training window to compare with; all else is
-- compared with the weeks before alone: a service's behaviour, one model's scores, the catalogue.
-- Grain: one row a subject. Key: subject.
create or replace temp macro drift_subjects() as table (
    from (
        values
            ('query_frequency', true), ('query_words', true), ('query_script', true),
            ('store', true), ('country', true), ('device', true), ('hour', true),
            ('error', false), ('degraded', false), ('n_candidates', false), ('state_age', false),
            ('score', false), ('stage', false),
            ('price', true), ('category', true), ('brand', true), ('supplier', true),
            ('place', true),
            ('event_type', true), ('paid_price', true), ('quantity', true),
            ('catalogue_price', false), ('catalogue_category', false), ('catalogue_brand', false),
            ('catalogue_title', false), ('catalogue_copies', false)
    ) as subjects(subject, is_learnt)
);
