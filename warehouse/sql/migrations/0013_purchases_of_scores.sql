-- Purchases are counted by answer (answer_partials), and no longer by rank and score.
alter table if exists click_partials drop column if exists n_bought;
