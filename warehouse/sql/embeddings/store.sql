-- Stores what was found of a day's embeddings.
insert into embedding_drift_values by name
from embedding_drifts;
