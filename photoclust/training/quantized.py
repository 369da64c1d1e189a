"""Vectors of one byte a number, as the FaceNet paper keeps them: 128 bytes a face.

Schroff, Kalenichenko, Philbin: FaceNet, CVPR 2015, §5.2: "quantized to 128-bytes without loss of
accuracy". Each vector has a scale of its own, its largest number being ±127, and none is kept: unit
length tells it again. So a vector of d numbers takes d bytes, and its error is at most half of its
scale in each.
"""

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Vectors
from photoclust.core.errors import InternalError

_LARGEST = 127
"""-128 is not used, so that v and -v lose the same."""
_TOLERANCE = 1e-3


def quantize(vectors: Vectors) -> NDArray[np.int8]:
    """Codes [N, d] int8 of unit `vectors` [N, d]. Raises InternalError for others."""
    lengths = np.linalg.norm(vectors, axis=1)
    # Not "any far from 1": NaN is neither.
    if not (np.abs(lengths - 1) <= _TOLERANCE).all():
        raise InternalError("only unit vectors can be kept in bytes without a scale")
    largest = np.abs(vectors).max(axis=1, keepdims=True, initial=0.0)
    codes: NDArray[np.int8] = np.rint(vectors * (_LARGEST / largest)).astype(np.int8)
    return codes


def dequantize(codes: NDArray[np.int8]) -> Vectors:
    """Unit vectors [N, d] float32 of `codes` [N, d]. Raises InternalError for a code of zeros."""
    numbers = codes.astype(np.float32)
    lengths = np.linalg.norm(numbers, axis=1, keepdims=True)
    if not (lengths > 0).all():
        raise InternalError("a code of zeros stands for no vector")
    vectors: Vectors = numbers / lengths
    return vectors
