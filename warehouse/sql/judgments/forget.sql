-- Removes what was derived one way, before it is derived again.
delete from stg_judgments where source = $source and weak;
