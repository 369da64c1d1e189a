"""The evaluation counts what it says: by hand on made-up vectors, for real on the demo album."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from photoclust.cluster import METHODS
from photoclust.core.errors import UserError
from photoclust.core.settings import Settings
from photoclust.core.types import Box
from photoclust.services.evaluation import clustering, verification
from photoclust.services.labelled import (
    FaceChoice,
    Label,
    LabelledFaces,
    Pair,
    find_labelled_faces,
    read_pairs,
    read_truth,
)

TWO_PEOPLE = "2010 Blue Room/side by side.jpg"

pytestmark = pytest.mark.usefixtures("in_process")


def labelled(people: str, vectors: np.ndarray, missed: tuple[int, ...] = ()) -> LabelledFaces:
    """One face for each letter of `people`, without those `missed`; the letter is the person."""
    found = [row for row in range(len(people)) if row not in missed]
    rows = np.full(len(people), -1, np.int64)
    rows[found] = np.arange(len(found))
    labels = tuple(Label(Path(f"{who}/{row}.jpg"), who) for row, who in enumerate(people))
    return LabelledFaces(
        labels=labels,
        rows=rows,
        vectors=vectors[found].astype(np.float32),
        quality=np.ones(len(found), np.float32),
        image_of=np.array(found, np.int64),
        turns={label.image: 0 for label in labels},
        failed=(),
    )


def spread(people: str, seed: int, noise: float, size: int = 32) -> np.ndarray:
    """Unit vectors [N, size], those of one person around a common centre."""
    rng = np.random.default_rng(seed)
    centres = {who: rng.normal(size=size) for who in sorted(set(people))}
    vectors = np.stack([centres[who] + noise * rng.normal(size=size) for who in people])
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def pair(faces: LabelledFaces, a: int, b: int, fold: int) -> Pair:
    one, other = faces.labels[a], faces.labels[b]
    return Pair(fold, one.person == other.person, one.image, other.image)


def test_verification_agrees_with_counting_pair_by_pair():
    people = "aaaabbbbbcccd"
    vectors = spread(people, seed=1, noise=1.1)
    report = verification(labelled(people, vectors))
    genuine, impostor = [], []
    own: dict[str, list[float]] = {}
    for a in range(len(people)):
        for b in range(a):
            cosine = float(vectors[a] @ vectors[b])
            if people[a] == people[b]:
                genuine.append(cosine)
                own.setdefault(people[a], []).append(cosine)
            else:
                impostor.append(cosine)
    assert report.pairs == len(people) * (len(people) - 1) // 2
    assert report.accuracy is None
    for far, val in report.val_at_far.items():
        threshold = sorted(impostor, reverse=True)[int(float(far) * len(impostor))]
        assert val == pytest.approx(np.mean([cosine > threshold for cosine in genuine]))
    best = max(impostor)
    shares = [np.mean([cosine > best for cosine in cosines]) for cosines in own.values()]
    assert report.people == 3  # d has one picture
    assert report.person_val_mean == pytest.approx(np.mean(shares))
    assert report.person_val_worst_decile == pytest.approx(min(shares))
    assert 0 < report.person_val_mean < 1


def balanced(faces: LabelledFaces) -> list[Pair]:
    """For each two neighbours, who are one person, their pair and one with the next person."""
    count = len(faces.labels)
    pairs = []
    for number, first in enumerate(range(0, count, 2)):
        pairs.append(pair(faces, first, first + 1, fold=number % 3))
        pairs.append(pair(faces, first, (first + 3) % count, fold=number % 3))
    return pairs


def test_accuracy_over_the_folds():
    people = "aabbccddeeff"
    faces = labelled(people, spread(people, seed=2, noise=0.2))
    report = verification(faces, balanced(faces))
    assert report.pairs == 12
    assert (report.accuracy, report.accuracy_std) == (1.0, 0.0)


def test_a_missed_face_makes_its_pairs_wrong():
    people = "aabbccddeeff"
    faces = labelled(people, spread(people, seed=2, noise=0.2), missed=(0,))
    report = verification(faces, balanced(faces))
    assert faces.missed == 1
    # In the first of three folds, two of four pairs are with the missed face.
    assert report.accuracy == pytest.approx(5 / 6)
    assert report.accuracy_std == pytest.approx(np.std([0.5, 1, 1]))
    # Ten different-person pairs of 60 are accepted however high the threshold.
    assert report.val_at_far["0.01"] == 0.0


@pytest.mark.parametrize("people", ["aaa", "abc", "a"])
def test_verification_needs_pairs_of_both_kinds(people):
    with pytest.raises(UserError, match="nothing to compare"):
        verification(labelled(people, spread(people, seed=3, noise=0.1)))


def test_pairs_that_do_not_fit_are_refused():
    faces = labelled("aabb", spread("aabb", seed=3, noise=0.1))
    with pytest.raises(UserError, match="one fold"):
        verification(faces, [pair(faces, 0, 1, 0), pair(faces, 0, 2, 0)])
    with pytest.raises(UserError, match=r"names x\.jpg"):
        verification(faces, [Pair(0, True, Path("x.jpg"), Path("a/0.jpg"))])


@pytest.mark.parametrize("method", METHODS)
def test_clustering_scores_missed_faces_as_singletons(method):
    people = "aaaaaaaabbbbbbbbcccccccc"
    faces = labelled(people, spread(people, seed=4, noise=0.4, size=512), missed=(0, 1))
    report = clustering(faces, method)
    assert (report.faces, report.people, report.clusters) == (24, 3, 3)
    assert report.unclustered == 0
    assert report.bcubed.precision == 1.0
    # Of the eight a, six are together and two alone.
    assert report.bcubed.recall == pytest.approx((16 + 6 * 6 / 8 + 2 / 8) / 24)
    assert report.pairwise.recall == pytest.approx((28 + 28 + 15) / (3 * 28))


def test_answers_of_a_user_are_heeded():
    people = "aaaaaaaabbbbbbbbcccccccc"
    vectors = spread(people, seed=4, noise=0.4, size=512)
    # Two pictures of a look like b, and one like nobody.
    vectors[:2] = 0.7 * vectors[8:10] + 0.3 * vectors[:2]
    vectors[2] = np.random.default_rng(0).normal(size=512)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    faces = labelled(people, vectors)
    report = clustering(faces, "hdbscan", constraints=24)
    before = report.unconstrained
    assert before.constraints == 0
    assert before.unconstrained is None
    assert before == replace(
        clustering(faces, "hdbscan"), seconds=before.seconds, peak_memory_mb=before.peak_memory_mb
    )
    assert 20 < report.constraints <= 24
    assert report.pairwise.f > before.pairwise.f
    assert report.bcubed.precision == 1.0


@pytest.mark.processes
def test_clustering_tells_what_it_took():
    people = "aaaabbbb"
    report = clustering(
        labelled(people, spread(people, seed=4, noise=0.4, size=512)), "agglomerative"
    )
    assert report.seconds > 0
    assert report.peak_memory_mb > 20, "numpy alone takes more"


def test_clustering_of_no_face_at_all():
    report = clustering(labelled("ab", np.ones((2, 8)), missed=(0, 1)), "hdbscan")
    assert (report.faces, report.clusters, report.unclustered) == (2, 0, 0)
    assert report.bcubed.f == 1.0


def test_clustering_refuses_an_unknown_method():
    with pytest.raises(UserError, match="no method 'k-means'"):
        clustering(labelled("ab", np.eye(2)), "k-means")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("fold,same,image_a\n0,1,a\n", "lacks a column"),
        ("fold,same,image_a,image_b\n0,1,a\n", "line 2: a value is missing"),
        ("fold,same,image_a,image_b\n0,yes,a,b\n", "line 2: same is 'yes'"),
        ("", "lacks a column"),
        ('fold,same,image_a,image_b\n0,1,"a,b\n', "no CSV file"),
    ],
)
def test_pairs_that_cannot_be_understood(text, complaint, tmp_path):
    path = tmp_path / "pairs.csv"
    path.write_text(text)
    with pytest.raises(UserError, match=complaint) as caught:
        read_pairs(path)
    assert "pairs.csv" in str(caught.value)


def test_pairs_and_truth_are_read(tmp_path):
    (tmp_path / "pairs.csv").write_text("fold,same,image_a,image_b\n3,0,a/1.jpg,b/ü.jpg\n")
    assert read_pairs(tmp_path / "pairs.csv") == [Pair(3, False, Path("a/1.jpg"), Path("b/ü.jpg"))]
    (tmp_path / "truth.csv").write_text("image,person,x,y,w,h\na/1.jpg,a,1,2.5,3,4\n")
    assert read_truth(tmp_path / "truth.csv") == [Label(Path("a/1.jpg"), "a", Box(1, 2.5, 3, 4))]
    with pytest.raises(UserError, match="cannot read"):
        read_pairs(tmp_path / "none.csv")


@pytest.fixture(scope="module")
def people_folder(demo_album, tmp_path_factory) -> Path:
    """Some of the demo album, one folder per person, with a broken and a faceless picture."""
    folder = tmp_path_factory.mktemp("people")
    for person, names in {
        "barack": ["2012 Oval Office/close-up.webp", "2012 Oval Office/half copied.jpg"],
        "collins": ["Space/astronaut.png", "coffee break.webp"],
        "both": [TWO_PEOPLE],
    }.items():
        (folder / person).mkdir()
        for name in names:
            shutil.copy(demo_album / name, folder / person)
    shutil.copy(demo_album / "coffee break.webp", folder / "of nobody.webp")
    for name in ("a letter.pdf", "a film.mp4"):  # nobody says who is in these
        (folder / "both" / name).write_bytes(b"not looked at")
    return folder


@pytest.mark.parametrize("choice", list(FaceChoice))
def test_one_face_a_picture_without_truth(people_folder, choice):
    faces = find_labelled_faces(people_folder, Settings(), choice=choice, workers=2)
    found = {
        label.image.name: row >= 0 for label, row in zip(faces.labels, faces.rows, strict=True)
    }
    assert found == {
        "close-up.webp": True,
        "half copied.jpg": False,
        "astronaut.png": True,
        "coffee break.webp": False,
        "side by side.jpg": True,
    }
    assert len(faces.vectors) == 3
    assert faces.missed == 2
    assert faces.images == 6
    assert [failure.path.name for failure in faces.failed] == ["half copied.jpg"]
    assert np.isnan(faces.label_vectors()).any(axis=1).tolist() == [not ok for ok in found.values()]
    np.testing.assert_allclose(np.linalg.norm(faces.vectors, axis=1), 1, atol=1e-5)
    # Side by side: one stands nearer the centre, the other is larger.
    (vector,) = faces.label_vectors()[[label.person == "both" for label in faces.labels]]
    (barack,) = faces.label_vectors()[
        [label.image.name == "close-up.webp" for label in faces.labels]
    ]
    assert (float(vector @ barack) > 0.435) == (choice is FaceChoice.CENTRE)


def test_with_truth_every_face_is_kept_and_the_labelled_one_scored(people_folder, tmp_path):
    truth = tmp_path / "truth.csv"
    with truth.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [
                ("image", "person", "x", "y", "w", "h"),
                ("both/side by side.jpg", "joe", 985, 123, 197, 274),
                ("both/side by side.jpg", "barack", 270, 83, 164, 216),
                ("barack/close-up.webp", "barack", 108, 98, 227, 327),
                ("collins/astronaut.png", "collins", 0, 300, 60, 60),  # no face is there
            ]
        )
    faces = find_labelled_faces(people_folder, Settings(), truth=truth, workers=2)
    assert faces.missed == 1
    assert (faces.rows < 0).tolist() == [False, False, False, True]
    assert len(faces.vectors) == 4  # the astronaut's is grouped with the others, but not scored
    joe, barack, again, _ = faces.label_vectors()
    assert barack @ again > 0.435 > barack @ joe
    assert faces.people[1] == faces.people[2] != faces.people[0]


def test_a_truth_file_must_name_pictures_that_are_there(people_folder, tmp_path):
    truth = tmp_path / "truth.csv"
    truth.write_text("image,person,x,y,w,h\nnobody/gone.jpg,a,1,2,3,4\n")
    with pytest.raises(UserError, match=r"gone\.jpg"):
        find_labelled_faces(people_folder, Settings(), truth=truth)


def test_a_folder_without_people_is_refused(tmp_path, demo_album):
    shutil.copy(demo_album / "coffee break.webp", tmp_path)
    with pytest.raises(UserError, match="folder for each person"):
        find_labelled_faces(tmp_path, Settings())
    with pytest.raises(UserError, match="is not a folder"):
        find_labelled_faces(tmp_path / "none", Settings())
