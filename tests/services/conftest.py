"""A library with people whose vectors are made up."""

import pytest


@pytest.fixture
def crowd(library, crowd_in):
    return crowd_in(library)
