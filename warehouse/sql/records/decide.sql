-- Records a decision; deciding again for the same day replaces it.
insert or replace into decisions by name
select
    $scenario as scenario,
    $kind as kind,
    $as_of::date as as_of,
    $action as action,
    $reason as reason,
    $evidence as evidence;
