"""What recognition works on is whole."""

from dataclasses import replace

import pytest

from photoclust.core.errors import InternalError


@pytest.mark.parametrize("part", ["photo", "quality", "times", "vectors"])
def test_every_face_needs_every_value(part, make_faces):
    faces, _ = make_faces(0, [3, 2])
    with pytest.raises(InternalError, match="one value for each face"):
        replace(faces, **{part: getattr(faces, part)[1:]})
