-- The cells, and how often what they showed was clicked.
-- Grain and key: those of estimate_cells.
select
    day_number,
    ranker,
    scorer,
    bin,
    "rank",
    n_shown::double as n_shown,
    looked_at,
    n_clicked::double as n_clicked
from estimate_cells
order by scorer, bin, day_number, ranker, "rank";
