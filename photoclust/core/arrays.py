"""The arrays that cross layers: pictures and vectors."""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""RGB, [height, width, 3]."""
Vector = NDArray[np.float32]
"""A unit vector, [dim]."""
Vectors = NDArray[np.float32]
"""Unit vectors, [N, dim]."""
