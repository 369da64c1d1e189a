"""Parts of pictures, also beyond their edges."""

import numpy as np
import pytest

from photoclust.core.arrays import part_of


@pytest.mark.parametrize("rows", [(2, 5), (-3, 4), (5, 12), (-2, 11), (-9, -4), (13, 16), (6, 7)])
@pytest.mark.parametrize("columns", [(0, 9), (-1, 3), (8, 15), (-20, 30), (9, 12), (-5, 0)])
def test_beyond_its_edges_a_picture_repeats_them(rows, columns):
    picture = np.random.default_rng(0).integers(0, 256, (7, 9, 3)).astype(np.uint8)
    down = np.clip(np.arange(*rows), 0, 6)
    across = np.clip(np.arange(*columns), 0, 8)

    part = part_of(picture, range(*rows), range(*columns))

    np.testing.assert_array_equal(part, picture[down][:, across])
    assert part.flags.c_contiguous
