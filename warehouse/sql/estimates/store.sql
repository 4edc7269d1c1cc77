-- Stores estimates. `estimated` is registered, in the columns of label_free_estimates.
insert into label_free_estimates by name
from estimated;
