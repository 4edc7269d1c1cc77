-- Removes what was found of a day's embeddings.
delete from embedding_drift_values where scenario = $scenario and day = $day::date;
