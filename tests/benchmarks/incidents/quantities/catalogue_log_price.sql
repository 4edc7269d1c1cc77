-- The mean logarithm of the catalogue's prices: no sample, the catalogue is whole.
select whole(ln(nullif(price, 0))) as told
from stg_products;
