-- Clicks of a day on what the same shopper, or everybody who typed the same, was shown at two ranks:
-- nothing but the rank can be why one is clicked more than the other. A click on a product that
-- stood n times here and m times there counts m / (n + m) (Mantel and Haenszel 1959), so that clicks
-- at the two ranks are as their probabilities of being looked at; one of a product that stood at
-- several other ranks is shared among them.
-- Grain: one row a scenario, day and ordered pair of ranks. Key: all four.
create table if not exists rank_contrasts (
    scenario varchar not null,
    served_date date not null,      -- UTC
    "rank" integer not null,        -- where it was clicked
    other_rank integer not null,    -- where it stood, too
    clicks double not null,         -- weighted
    primary key (scenario, served_date, "rank", other_rank)
);
