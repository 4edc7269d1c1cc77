-- Models that were fine-tuned.
-- Grain: one row a model. Key: model_tag.
create table if not exists models (
    model_tag varchar primary key,
    scenario varchar not null,
    training_cut date not null,     -- UTC: the model saw nothing from this day on
    parameters varchar not null,        -- JSON
    metrics varchar not null            -- JSON: validation metrics
);
