"""What is told of a library before it is trained with."""

import importlib.util

import pytest

from photoclust.core.errors import UserError
from photoclust.core.settings import Settings
from photoclust.core.types import PersonId
from photoclust.services import naming, training, training_health
from photoclust.services.training_estimate import estimate_s, training_s
from photoclust.services.training_health import PersonHealth, TrainingHealth
from photoclust.store.database import Library
from photoclust.training.options import Kind, Mining, Options


@pytest.fixture(autouse=True)
def torch_is_there(monkeypatch):
    monkeypatch.setattr(training_health, "require_torch", lambda: None)


def stock(*faces, occasions=2, unlabelled=100, groups=20, obstacle=None):
    people = tuple(
        PersonHealth(PersonId(number), f"Person {number}", count, occasions)
        for number, count in enumerate(faces)
    )
    return TrainingHealth(people, unlabelled, groups, obstacle)


def everybody(health):
    return [person.id for person in health.people]


def test_counts_confirmed_faces_by_person_and_unlabelled_ones_by_group(library, acquainted):
    acquainted(library, people=6, faces=5, groups=3)
    health = training_health.health(library)
    assert [(one.name, one.faces, one.occasions) for one in health.people] == [
        (f"Person {number:03}", 5, 5) for number in range(6)
    ]
    assert (health.unlabelled, health.groups) == (12, 3)
    assert health.missing(everybody(health)) is None


def test_the_largest_come_first_and_the_hidden_are_left_out(library, crowd):
    for name, count in (("Anna", 1), ("Zoe", 3), ("Ben", 1), ("Carl", 2)):
        faces = crowd.photos_of(hash(name) % 1000, count)
        person = naming.name(library, f"f{faces[0]}", name).person
        for face in faces[1:]:
            naming.name(library, f"f{face}", name, into=person)
    with library.write() as tx:
        tx.exec_driver_sql("UPDATE person SET hidden = 1 WHERE name = 'Carl'")
    health = training_health.health(library)
    assert [(one.name, one.faces) for one in health.people] == [("Zoe", 3), ("Anna", 1), ("Ben", 1)]
    assert health.unlabelled == 0


def test_photos_of_one_day_are_one_occasion(library, acquainted):
    acquainted(library, people=2, faces=4, groups=0)
    with library.write() as tx:
        tx.exec_driver_sql(
            "UPDATE photo SET date_source = 'exif', taken_at = '2020-05-01 12:00:00' WHERE id <= 4"
        )
    one, other = training_health.health(library).people
    assert (one.occasions, one.problem) == (1, "one occasion only")
    assert (other.occasions, other.problem) == (4, None)


@pytest.mark.parametrize(("faces", "problem"), [(3, "too few photos"), (4, None)])
def test_two_faces_to_train_on_and_two_to_test_on_are_needed(faces, problem):
    assert stock(faces).people[0].problem == problem


def test_five_of_the_chosen_must_be_fit(library):
    health = stock(4, 4, 4, 4, 4, 3)
    assert health.missing(everybody(health)) is None
    assert "4 of those chosen are such" in health.missing(everybody(health)[1:])
    assert "1 of those chosen is such" in health.missing([PersonId(0), PersonId(5)])
    assert "none of those chosen are such" in health.missing([])


def test_says_what_else_is_missing():
    assert "nobody has a name yet" in stock().missing([])
    health = stock(*[4] * 5, unlabelled=0)
    assert "every face has a name" in health.missing(everybody(health))
    health = stock(*[4] * 5, obstacle="the disk is away")
    assert health.missing(everybody(health)) == "the disk is away"


def test_warns_where_there_are_few_strangers():
    assert stock(groups=10).warning is None
    assert "only 9 of" in stock(groups=9).warning
    assert "only none of" in stock(groups=0).warning


def test_without_torch_it_says_how_to_install_it(library, monkeypatch):
    monkeypatch.setattr(training_health, "require_torch", training.require_torch)
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "torch" else found(name)
    )
    health = training_health.health(library)
    assert "pip install '.[train]'" in health.obstacle
    assert health.missing([]) == health.obstacle


def test_a_library_that_cannot_be_written_is_not_trained(library):
    with Library(library.folder, look_only=True) as opened:
        health = training_health.health(opened)
    assert health.obstacle.startswith("nothing can be trained: ")


def test_counts_a_face_that_was_given_somebody_elses_name(library, acquainted, crowd_in):
    acquainted(library, people=6, faces=6, groups=0)
    assert training_health.count_doubtful(library, Settings()) == 0
    (slip,) = crowd_in(library, made=1000).photos_of(1, 1)
    first = training_health.health(library).people[0]
    assert first.name == "Person 000"
    naming.name(library, f"f{slip}", first.name, into=first.id)
    assert training_health.count_doubtful(library, Settings()) == 1


def test_estimates_follow_the_work():
    assert 10 < estimate_s(Kind.HEAD, 144, 160) < 25  # 15 s of processor time were measured
    assert estimate_s(Kind.HEAD, 144, 160) < estimate_s(Kind.HEAD, 20_000, 160)
    assert estimate_s(Kind.HEAD, 144, 160) < estimate_s(Kind.HEAD, 144, 10_000)
    by_recipe = [estimate_s(kind, 1000, 1000) for kind in (Kind.HEAD, Kind.BLOCKS, Kind.FULL)]
    assert by_recipe == sorted(by_recipe)
    assert all(estimate_s(kind, 0, 0) > 0 for kind in Kind)


def test_estimates_heed_what_else_is_asked():
    short, long = (training_s(Options(epochs=epochs), 1000, 0) for epochs in (60, 120))
    ways = training_s(Options(epochs=60, mining=(Mining.SEMI_HARD, Mining.RANDOM)), 1000, 0)
    assert short < long == pytest.approx(ways, rel=0.05)
    small, large = (
        training_s(Options(recipe=Kind.SCRATCH, backbone=network), 1000, 0)
        for network in ("small", "inception_resnet_v1")
    )
    assert large > 10 * small


def test_prepared_training_agrees_with_what_was_said(library, acquainted, monkeypatch):
    """What health takes for enough can be prepared, and what it does not cannot."""
    monkeypatch.setattr(training, "require_torch", lambda: None)
    acquainted(library, people=6, faces=5, groups=12)
    health = training_health.health(library)
    chosen = everybody(health)
    assert health.missing(chosen) is None
    asked = training.Asked(people=tuple(chosen))
    prepared = training.prepare(library, asked, Options(), Settings())
    assert prepared.people >= 5
    few = tuple(chosen[:4])
    assert health.missing(few) is not None
    with pytest.raises(UserError, match="at least 5 people"):
        training.prepare(library, training.Asked(people=few), Options(), Settings())
