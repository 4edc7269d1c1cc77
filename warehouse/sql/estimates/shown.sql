-- The cells, of which $event_type followed so often.
-- Grain and key: those of estimate_cells.
select
    day_number,
    ranker,
    scorer,
    bin,
    "rank",
    n_shown::double as n_shown,
    looked_at,
    if($event_type = 'click', n_clicked, n_bought)::double as n_followed
from estimate_cells
order by scorer, bin, day_number, ranker, "rank";
