"""The script that calibrates an embedder: which pairs it forms, and what it writes where."""

import importlib
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from photoclust.recognize.calibration import Platt
from photoclust.services.labelled import Label, LabelledFaces
from photoclust.vision import models, records


@pytest.fixture
def script(repository, monkeypatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(repository / "packaging"))
    yield importlib.import_module("fit_calibration")
    for name in ("fit_calibration", "manifest"):
        sys.modules.pop(name)


@pytest.fixture
def record(script, tmp_path) -> Path:
    """A manifest to be written to."""
    path = tmp_path / "manifest.json"
    path.write_bytes(script.manifest.PATH.read_bytes())
    return path


def labelled(people: str, images: list[int], missed: tuple[int, ...] = ()) -> LabelledFaces:
    """A face for each letter, who it is, in the picture of that number; one stranger besides."""
    rng = np.random.default_rng(len(people))
    found = [place for place in range(len(people)) if place not in missed]
    rows = np.full(len(people), -1, np.int64)
    rows[found] = np.arange(len(found)) + 1  # the stranger comes first
    vectors = rng.normal(size=(len(found) + 1, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return LabelledFaces(
        labels=tuple(
            Label(Path(f"{image}.jpg"), who) for who, image in zip(people, images, strict=True)
        ),
        rows=rows,
        vectors=vectors,
        quality=np.ones(len(vectors), np.float32),
        image_of=np.array([99, *(images[place] for place in found)], np.int64),
        turns={},
        failed=(),
    )


def test_pairs_are_those_of_the_naive_loop(script):
    people, images = "aaabbbbcd", [0, 1, 2, 2, 3, 4, 5, 1, 6]
    faces = labelled(people, images, missed=(5,))
    vectors = faces.label_vectors()
    right, wrong, kinds = [], [], {}
    for one in range(len(people)):
        for other in range(one):
            if 5 in (one, other) or images[one] == images[other]:
                continue
            kinds.setdefault(frozenset((people[one], people[other])), []).append((one, other))
            cosine = float(vectors[one] @ vectors[other])
            (right if people[one] == people[other] else wrong).append(cosine)
    mates = [float(vectors[one] @ vectors[other]) for one, other in ((1, 7), (2, 3))]
    assert max(mates) < script.SAME_TWICE
    wrong += mates
    scored = script.pairs(faces)
    np.testing.assert_allclose(np.sort(scored.right), np.sort(right), atol=1e-6)
    np.testing.assert_allclose(np.sort(scored.wrong), np.sort(wrong), atol=1e-6)
    # Two people with two pictures or more; each of the six pairs of people was photographed, and
    # two pictures show two people.
    assert scored.right_weights.sum() == pytest.approx(2)
    assert scored.wrong_weights.sum() == pytest.approx(6 + 2)
    weight_of = dict(zip(scored.wrong.round(6), scored.wrong_weights, strict=True))
    for kind in kinds.values():
        for one, other in kind:
            if people[one] != people[other]:
                cosine = vectors[one].astype(np.float64) @ vectors[other].astype(np.float64)
                assert weight_of[cosine.round(6)] == pytest.approx(1 / len(kind))


def test_a_face_that_is_there_twice_and_a_poor_one_are_nobody_else(script):
    faces = labelled("ab", [0, 0])
    before = len(script.pairs(faces).wrong)
    assert before == 1
    twice = replace(faces, vectors=faces.vectors[[0, 1, 1]])
    assert len(script.pairs(twice).wrong) == 0
    poor = replace(faces, quality=np.array([1, 1, 0.05], np.float32))
    assert len(script.pairs(poor).wrong) == 0


def test_matches_stand_apart(script, people):
    vectors, who = people(np.random.default_rng(0), 4, 8, spread=0.3, dim=64)
    faces = LabelledFaces(
        labels=tuple(Label(Path(f"{row}.jpg"), "abcd"[one]) for row, one in enumerate(who)),
        rows=np.arange(len(who)),
        vectors=vectors,
        quality=np.ones(len(who), np.float32),
        image_of=np.arange(len(who)),
        turns={},
        failed=(),
    )
    scored = script.matches(faces)
    # Three faces each are confirmed of two people (six draws) or three (four draws).
    assert len(scored.right) == 6 * 2 * 5 + 4 * 3 * 5
    assert len(scored.wrong) == 6 * 2 * 8 + 4 * 8
    assert scored.right.min() > scored.wrong.max()
    assert scored.right_weights.sum() == pytest.approx(10)
    line = scored.fit()
    assert scored.wrong.max() < -line.offset / line.slope < scored.right.min()


def test_the_error_of_a_line_that_is_never_sure_is_how_often_it_is_right(script):
    scored = script.Scored(
        np.array([0.6, 0.7]), np.array([0.1]), np.array([3.0, 1.0]), np.array([9.0]), "", ""
    )
    # Whatever the pair it says one half, and one half of the weight is right.
    assert scored.calibration_error(Platt(0.0, 0.0)) == pytest.approx(0)
    assert scored.calibration_error(Platt(0.0, 50.0)) == pytest.approx(0.5)


def test_only_the_calibration_of_the_model_is_written(script, record):
    before = json.loads(record.read_text(encoding="utf-8"))
    script.write("facenet-vggface2", {"other": Platt(3.5, -1.25)}, record)
    after = json.loads(record.read_text(encoding="utf-8"))
    before[0]["calibration"]["other"] = [3.5, -1.25]
    assert after == before
    assert records.read_manifest(record)[0].calibration["other"] == (3.5, -1.25)


def test_writing_what_is_there_changes_no_byte(script, record):
    lines = models.model_spec("facenet-vggface2").calibration
    script.write("facenet-vggface2", {name: Platt(*line) for name, line in lines.items()}, record)
    assert record.read_bytes() == script.manifest.PATH.read_bytes()


def test_the_manifest_is_calibrated_for_every_line_that_is_fitted(script):
    assert script.LINES.keys() <= models.model_spec("facenet-vggface2").calibration.keys()


def test_a_new_build_keeps_the_calibration_of_the_same_files_only(script):
    known = script.manifest.read()
    built = [entry | {"calibration": {}} for entry in script.manifest.read()]
    script.manifest.take_over_calibration(built, known)
    assert built == known
    built[0]["files"][0]["sha256"] = "0" * 64
    script.manifest.take_over_calibration(built, known)
    assert built[0]["calibration"] == {}
    for entry in known:
        del entry["calibration"]
    script.manifest.take_over_calibration(built, known)
    assert [entry["calibration"] for entry in built] == [{}, {}, {}]
