-- Removes a day's sample.
delete from embedding_samples where scenario = $scenario and day = $day::date;
