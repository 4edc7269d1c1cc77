-- Records a fine-tuned model; training the same one again replaces the row.
insert or replace into models by name
select
    $model_tag as model_tag,
    $scenario as scenario,
    $training_cut as training_cut,
    $parameters as parameters,
    $metrics as metrics;
