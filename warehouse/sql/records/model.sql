-- One model.
-- Grain: one row. Key: model_tag.
select model_tag, scenario, training_cut, parameters, metrics
from models
where model_tag = $model_tag;
