"""Vectors as the online state keeps them."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def text_matrix(table: pa.Table) -> NDArray[np.float32]:
    """The column ``vector`` (fixed-size lists) of a table, as [rows, dimensions]."""
    column = table["vector"].combine_chunks()
    flat = column.values.to_numpy(zero_copy_only=False)
    matrix: NDArray[np.float32] = flat.reshape(table.num_rows, -1).astype(np.float32)
    return matrix
