-- Keeps what a night judged. `judged` is registered, in the columns of alerts.
insert or replace into alerts by name
from judged;
