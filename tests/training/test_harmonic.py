"""Whether new vectors may be compared with old ones, against loops."""

import json

import numpy as np
import pytest

from photoclust.core.metrics import val_at_far
from photoclust.training.harmonic import HarmonicPairs


def by_loop(probes, gallery, labels, far):
    pairs = [
        (labels[one] == labels[other], float(probes[one] @ gallery[other]))
        for one in range(len(labels))
        for other in range(len(labels))
        if one != other and labels[one] >= 0 and labels[other] >= 0
    ]
    genuine, impostor = (
        np.array([cosine for same, cosine in pairs if same == kind]) for kind in (True, False)
    )
    return val_at_far(genuine, impostor, far)


@pytest.fixture
def harmonic(make_faces):
    old, people = make_faces(0, [5] * 12, noise=1.0)
    turned, _ = make_faces(0, [5] * 12, noise=0.7)
    new = turned[:, ::-1].copy()  # as good as it is, it cannot be compared
    labels = np.where(people > 9, -1, people)
    return old, new, labels, HarmonicPairs.of(old, new, labels)


def test_val_of_every_kind_of_pairs(harmonic):
    old, new, labels, found = harmonic
    kinds = {"old_old": (old, old), "new_new": (new, new), "new_old": (new, old)}
    figures = json.loads(json.dumps(found.as_json()))
    assert figures == {
        name: {
            told: pytest.approx(by_loop(*vectors, labels, far))
            for told, far in (("0.001", 1e-3), ("0.0001", 1e-4))
        }
        for name, vectors in kinds.items()
    }
    assert figures["new_new"]["0.001"] > figures["old_old"]["0.001"] > figures["new_old"]["0.001"]


def test_the_curves_are_of_the_same_pairs(harmonic):
    *_, found = harmonic
    curves, figures = found.curves(), found.as_json()
    for name in ("old_old", "new_new", "new_old"):
        curve = getattr(curves, name)
        value = curve.val[np.searchsorted(curve.far, 1e-3)]
        assert value == pytest.approx(figures[name]["0.001"], abs=0.1)
