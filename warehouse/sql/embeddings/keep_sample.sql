-- Keeps what was drawn of a day.
insert into embedding_samples by name
select $scenario as scenario, $day::date as day, place, asked
from embedding_drawn;
