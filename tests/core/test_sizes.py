"""The size at which a picture is looked at."""

import pytest

from photoclust.core.sizes import looking_size


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((4000, 3000), (1600, 1200)),
        ((3000, 4000), (1200, 1600)),
        ((6000, 2000), (1600, 533)),
        ((800, 20), (800, 20)),
        ((10500, 1500), (3733, 533)),
        ((1500, 10500), (533, 3733)),
        ((30000, 1500), (7155, 358)),
        ((9000, 300), (8764, 292)),
        ((1601, 100), (1601, 100)),
        ((10**6, 1), (10**6, 1)),
    ],
)
def test_a_panorama_keeps_its_height(size, expected):
    found = looking_size(size, 1600)

    assert found == expected
    assert found[0] * found[1] <= 1600**2 * 1.001


def test_nothing_is_enlarged_and_nothing_vanishes():
    for width in range(1, 5000, 37):
        for height in (1, 2, 50, 533, 534, 1601):
            small = looking_size((width, height), 640)
            assert 1 <= small[0] <= width
            assert 1 <= small[1] <= height
