-- Removes a ranker's answers from the run.
delete from run where ranker = $ranker;
