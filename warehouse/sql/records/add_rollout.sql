-- Records a change of the rollout record.
insert or replace into rollouts by name
select
    $scenario as scenario,
    $version as version,
    $champion as champion,
    $bento_tag as bento_tag,
    $starts_on as starts_on,
    $reason as reason,
    $beside as beside,
    $role as role,
    $share as share;
