"""Libraries to work on: an empty one, and one with people whose vectors are made up."""

import pytest

from photoclust.store.database import Library


@pytest.fixture
def library(tmp_path):
    with Library(tmp_path / "library") as library:
        yield library


@pytest.fixture
def crowd(library, crowd_in):
    return crowd_in(library)
