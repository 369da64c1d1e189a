"""What is left of people who are forgotten: nothing; and of everybody else: everything."""

import contextlib
import json
import random
import sqlite3
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from photoclust.core import logs
from photoclust.core.dates import parse_birthday
from photoclust.core.errors import LibraryError, UserError
from photoclust.core.paths import INDEXES, LIBRARY_FILE, OWN_MODELS, THUMBNAILS, TRAINING
from photoclust.core.regions import FoundNames, TaggedName
from photoclust.core.types import EntryStatus
from photoclust.services import (
    browse,
    deciding,
    describing,
    forgetting,
    history,
    naming,
    same_photo,
)
from photoclust.services.names_in import Told, take_over
from photoclust.store import (
    answers,
    backups,
    cluster_table,
    guesses,
    journal,
    proposals,
    recognitions,
    redaction,
    undoing,
    wiping,
)
from photoclust.store import files as file_store
from photoclust.store import people as people_store
from photoclust.store import photos as photo_store
from photoclust.store import same_photo as rules
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.database import Library
from photoclust.vision.models import DEFAULT_EMBEDDER

NAME, ALIAS = "Žofie Müller", "Žofuška"
PIECE = 16
"""Bytes in a row by which a vector is recognised."""


def spellings(name: str) -> set[bytes]:
    """The bytes that a name may be written as."""
    forms = {unicodedata.normalize(form, name) for form in ("NFC", "NFD", "NFKC")}
    forms |= {form.casefold() for form in forms} | {form.upper() for form in forms}
    forms |= {json.dumps(form)[1:-1] for form in forms}
    forms |= {form.encode("unicode_escape").decode() for form in forms}
    encodings = ("utf-8", "utf-16-le", "utf-16-be")
    return {form.encode(encoding) for form in forms for encoding in encodings}


def pieces(vector: np.ndarray) -> set[bytes]:
    """Every piece of a vector that would give it away."""
    raw = [vector.astype(kind).tobytes() for kind in (np.float16, np.float32)]
    return {data[at : at + PIECE] for data in raw for at in range(0, len(data) - PIECE + 1, PIECE)}


def found_in(folder: Path, names=(), vectors=()) -> list[str]:
    """The files below `folder` in which something is left of names and vectors."""
    words = set().union(*map(spellings, names))
    numbers = set().union(*map(pieces, vectors))
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            if any(word in data for word in words) or holds_any(data, numbers):
                found.append(str(path.relative_to(folder)))
    return found


def holds_any(data: bytes, wanted: set[bytes]) -> bool:
    """Whether `data` holds any of the `wanted` pieces, wherever it begins.

    Thousands of pieces are found by their first 8 bytes, as numbers, in one go for all.
    """
    beginnings = np.frombuffer(b"".join(piece[:8] for piece in wanted), np.uint64)
    beginnings = np.sort(beginnings)
    for shift in range(min(8, len(data) - PIECE + 1) if wanted else 0):
        numbers = np.frombuffer(data, np.uint64, (len(data) - shift) // 8, shift)
        places = np.searchsorted(beginnings, numbers).clip(max=len(beginnings) - 1)
        for at in np.flatnonzero(beginnings[places] == numbers):
            start = shift + 8 * int(at)
            if data[start : start + PIECE] in wanted:
                return True
    return False


@pytest.mark.parametrize("length", range(PIECE, PIECE + 20))
def test_a_piece_is_found_wherever_it_begins(length):
    """As a loop finds it; what is like it but for its last byte is not found."""
    piece, other = bytes(range(1, PIECE + 1)), bytes(range(100, 100 + PIECE))
    for start in range(length - PIECE + 1):
        data = bytes(start) + piece + bytes(length - PIECE - start)
        assert holds_any(data, {other, piece})
        assert not holds_any(data, {other, piece[:-1] + b"x", b"x" + piece[1:]})
    assert not holds_any(piece[:-1], {piece})
    assert not holds_any(piece, set())


def group(library, *contents):
    with library.write() as tx:
        cluster_table.replace_clusters(
            tx, [ClusterContent(None, None, faces) for faces in contents]
        )


@pytest.fixture(scope="module")
def life(faces_below, tmp_path_factory):
    """A library with NAME (p1), Berta (p2) and much that was done, undone and kept of them."""
    faces = faces_below(tmp_path_factory.mktemp("life"))
    library = faces.library
    ids = faces.add(12)
    group(library, ids[:6], ids[6:])
    naming.name(library, "g1", NAME)
    naming.name(library, "g2", "Berta")
    library.run_outside(lambda connection: backups.rotate(connection, library.folder))
    naming.name(library, "p1", "Zofka")
    naming.name(library, "p1", NAME)
    describing.add_alias(library, "p1", ALIAS)
    describing.set_birthday(library, "p1", parse_birthday("12 May 1923"))
    describing.choose_cover(library, f"f{ids[2]}")
    describing.tag(library, "p1", [photo.id for photo in browse.photos(library)[8:10]])
    with library.write() as tx:
        for what in answers.Noted:
            answers.note(tx, what, ids[8], 1, {1: NAME, 2: "Berta"})
    deciding.reject(library, [f"f{ids[0]}"])
    naming.name(library, f"f{ids[1]}", "Zofie")
    deciding.merge(library, "p3", "p1")
    deciding.move(library, [f"f{ids[6]}"], "p1")
    deciding.move(library, [f"f{ids[6]}", f"f{ids[5]}"], "p2")
    deciding.merge(library, "p1", "p2")
    history.undo(library)
    same_photo.allow(library, [Path("/photos")])
    with library.write() as tx:
        proposals.add(tx, "hdbscan", DEFAULT_EMBEDDER, dict.fromkeys(ids, 0))
    for kind in (OWN_MODELS, TRAINING):
        place = library.folder / kind / "mine"
        place.mkdir(parents=True)
        (place / "data").write_bytes(faces.vectors[ids[1]].tobytes())
    (library.folder / INDEXES).mkdir()
    (library.folder / INDEXES / "index").write_bytes(faces.vectors[ids[1]].tobytes())
    library.close()
    return faces


@pytest.fixture
def lived_in(faces, life, fill):
    """What is in `life`, in a library of one's own; the ids of its faces."""
    faces.begin_as(life, fill)
    return list(faces.vectors)


def test_the_search_finds_what_is_there(library, faces, lived_in):
    """Otherwise the tests below would prove nothing."""
    left = found_in(library.folder, [NAME])
    assert any(name.startswith(LIBRARY_FILE) for name in left)
    assert any(name.startswith("backups") for name in left)
    assert "indexes/index" in found_in(library.folder, (), [faces.vectors[lived_in[1]]])
    assert any("backups" in name for name in found_in(library.folder, (), [faces.vectors[1]]))


# Everybody


def test_nothing_is_left_of_anybody(library, faces, lived_in, private_home):
    logs.log_file().parent.mkdir(parents=True, exist_ok=True)
    logs.log_file().write_text(f"photoclust name g1 {NAME}", encoding="utf-8")
    assert forgetting.forget_everybody(library).faces == 12
    names = [NAME, ALIAS, "Berta", "Zofka", "Zofie"]
    assert found_in(library.folder, names, faces.vectors.values()) == []
    assert found_in(private_home, names) == []
    library.close()
    assert found_in(library.folder, names, faces.vectors.values()) == []
    assert not list((library.folder / THUMBNAILS).rglob("*.jpg"))


def test_photos_stay_known_but_are_looked_at_again(library, faces, lived_in):
    with library.read() as tx:
        paths = file_store.known_below(tx, Path("/photos"))
        before = {path for path, _ in paths}
        stats = file_store.sample_below(tx, Path("/photos"), 100)
    forgetting.forget_everybody(library)
    with library.read() as tx:
        assert {path for path, _ in file_store.known_below(tx, Path("/photos"))} == before
        assert photo_store.count(tx) == 12
        assert file_store.unchanged(tx, stats) == {}
        assert all(photo_store.find_by_hash(tx, f"{number:040x}") is None for number in range(3))
        left = tx.exec_driver_sql("SELECT hash, picture_hash FROM file").all()
    assert {tuple(row) for row in left} == {(b"", None)}


def test_a_library_can_be_used_after_everybody_is_forgotten(library, faces, lived_in, is_whole):
    forgetting.forget_everybody(library)
    (face,) = faces.add(1)
    assert face > max(lived_in), "an id was given twice"
    naming.name(library, f"f{face}", "Clara")
    assert [group.name for group in browse.groups(library)] == ["Clara"]
    assert is_whole(library)


def test_nothing_is_left_of_proposals_and_folders(library, lived_in):
    forgetting.forget_everybody(library)
    with library.read() as tx:
        for table in ("proposal", "proposal_face", "folder_rule"):
            assert tx.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 0


def test_nothing_is_left_of_who_was_recognised(library, lived_in, faces, recognize):
    recognize(dict.fromkeys(faces.add(2), 2))
    forgetting.forget_everybody(library)
    with library.read() as tx:
        assert len(recognitions.load(tx)) == 0
        assert [entry.kind for entry in journal.entries(tx)] == [wiping.FORGET_ALL]


# One person


def test_nothing_is_left_of_a_person(library, faces, lived_in, private_home, is_whole):
    mine = [face.id for face in browse.faces(library, "p1")]
    assert len(mine) == 4
    logs.log_file().parent.mkdir(parents=True, exist_ok=True)
    logs.log_file().write_text(f"photoclust name g1 {NAME}", encoding="utf-8")
    done = forgetting.forget_person(library, "p1")
    assert done.faces == 4
    assert set(done.names) == {NAME, ALIAS, "Zofka", "Zofie"}
    assert (done.models, done.runs) == (("mine",), ("mine",))
    vectors = [faces.vectors[face] for face in mine]
    for _ in range(2):  # open and closed
        assert found_in(library.folder, done.names, vectors) == []
        assert found_in(private_home, done.names) == []
        library.close()
    with Library(library.folder) as again:
        assert is_whole(again)
        assert [group.name for group in browse.groups(again) if group.name] == ["Berta"]
        with again.read() as tx:
            left = {face for (face,) in tx.exec_driver_sql("SELECT id FROM face")}
    assert left == set(lived_in) - set(mine)
    thumbnails = {path.stem for path in (library.folder / THUMBNAILS).rglob("*.jpg")}
    assert thumbnails == set(map(str, left))
    with Library(library.folder) as again, again.read() as tx:
        assert proposals.load(tx, 1).label_of.keys() == left
        assert len(rules.exceptions(tx)) == 12


def test_nothing_is_left_of_whom_a_person_was_recognised_as(
    library, faces, recognize, is_whole, people_shown
):
    ids = faces.add(7)
    group(library, [], ids[:1], ids[1:2], ids[2:])
    for number, name in enumerate((NAME, "Berta")):
        naming.name(library, f"f{ids[number]}", name)
    with library.write() as tx:
        cluster_table.set_cluster_person(tx, 4, 2)
        guesses.refresh(tx, [], clusters=[4])
    run = recognize({ids[2]: 1, ids[3]: 2, ids[4]: 2}).entry
    recognize({ids[5]: 2}, runner_up=1)
    recognize({ids[6]: 1})
    with library.write() as tx:
        undoing.undo(tx, journal.entries(tx, limit=1)[0].id)
    forgetting.forget_person(library, "p1")
    assert found_in(library.folder, [NAME]) == []
    with library.read() as tx:
        assert recognitions.load(tx).face.tolist() == [ids[3], ids[4]]
        assert guesses.count_stale(tx) == 0
    told = [entry for entry in history.entries(library) if entry.kind == journal.RECOGNIZE]
    assert [entry.details["people"] for entry in told] == [{}, {"2": "Berta"}, {"2": "Berta"}]
    # Who was shown as them is gone; who was only likened to them goes with the group again.
    assert people_shown(library) == dict.fromkeys([ids[1], *ids[3:]], 2)
    history.undo(library, run)
    assert [people_shown(library)[face] for face in ids[3:]] == [None, None, 2, 2]
    assert is_whole(library)


def test_a_new_backup_is_made_without_them(library, lived_in):
    forgetting.forget_person(library, "p1")
    (made,) = backups.listed(library.folder)
    with sqlite3.connect(made) as connection:
        names = connection.execute("SELECT name FROM person WHERE alive").fetchall()
    connection.close()
    assert names == [("Berta",)]


def test_only_models_that_learnt_from_them_go(library, lived_in):
    with library.read() as tx:
        uids = dict(tuple(row) for row in tx.exec_driver_sql("SELECT id, uid FROM person"))
    lists = {
        "theirs": json.dumps([uids[2], uids[1]]),
        "merged": json.dumps([uids[3]]),
        "others": json.dumps([uids[2]]),
        "odd": "{",
        "none": None,
        "object": "{}",
    }
    for kind in (OWN_MODELS, TRAINING):
        for name, text in lists.items():
            (library.folder / kind / name).mkdir()
            if text is not None:
                (library.folder / kind / name / "people.json").write_text(text)
    done = forgetting.forget_person(library, "p1")
    assert set(done.models) == set(done.runs) == {*lists, "mine"} - {"others"}
    for kind in (OWN_MODELS, TRAINING):
        assert [path.name for path in (library.folder / kind).iterdir()] == ["others"]


def test_runs_that_still_hold_faces_go_with_anybody(library, lived_in):
    """Among those that nobody had named, there may be some of whoever is forgotten."""
    run = library.folder / TRAINING / "others"
    run.mkdir()
    (run / "people.json").write_text("[]")
    (run / "faces.npz").write_bytes(b"")
    (run / "crops.npy").write_bytes(b"pixels")
    unready = library.folder / TRAINING / ".20261121-101500-00000001.tmp"
    unready.mkdir()
    (unready / "crops.npy").write_bytes(b"pixels")
    forgetting.forget_person(library, "p1")
    assert not list((library.folder / TRAINING).iterdir())


def test_acts_about_others_can_be_undone_and_redone(library, lived_in, is_whole, people_shown):
    forgetting.forget_person(library, "p1")
    before = people_shown(library)
    steps = 0
    while history.next_steps(library).undo:
        history.undo(library)
        assert is_whole(library)
        steps += 1
    assert steps > 0
    assert set(people_shown(library).values()) <= {None}
    for _ in range(steps):
        history.redo(library)
        assert is_whole(library)
    assert people_shown(library) == before


def test_an_act_about_several_keeps_what_concerns_the_others(library, faces, is_whole):
    one, two, three = faces.add(3)
    naming.name(library, f"f{one}", "Anna")
    naming.name(library, f"f{two}", "Berta")
    deciding.hide(library, ["p1", "p2"])
    deciding.reject(library, [f"f{three}"], "p1")
    forgetting.forget_person(library, "p1")
    entries = {entry.kind: entry for entry in history.entries(library)}
    assert entries["hide"].details["people"] == {"2": "Berta"}
    assert "reject" not in entries
    assert is_whole(library)
    history.undo(library)
    assert [group.name for group in browse.groups(library)] == ["Berta"]


def test_better_groups_that_were_accepted_keep_what_concerns_the_others(library, faces, is_whole):
    one, two, three = faces.add(3)
    group(library, [one, two], [three])
    naming.name(library, "g2", "Anna")
    with library.write() as tx:
        act = journal.Act(tx, journal.BETTER_GROUPS)
        act.move_faces({one: 2, two: None}, {2: 1})
        people_store.confirm(act, [one], 1)
        act.note_person(1, "Anna")
        act.finish()
    forgetting.forget_person(library, "p1")
    (entry,) = [each for each in history.entries(library) if each.kind == journal.BETTER_GROUPS]
    assert entry.details["homes"] == [[two, 1, None]]
    assert entry.details["owners"] == [[1, None], [2, None]]
    history.undo(library)
    assert [face.cluster for face in browse.faces_by_id(library, [two])] == [1]
    assert is_whole(library)


def test_a_face_that_became_theirs_and_another_s_again_is_no_earlier_one_s(
    library, faces, people_shown
):
    (face,) = faces.add(1)
    faces.add(1)
    naming.name(library, f"f{face}", "Berta")
    naming.name(library, f"f{face}", "Anna")
    naming.name(library, f"f{face}", "Clara")
    forgetting.forget_person(library, "p2")
    assert people_shown(library)[face] == 3
    history.undo(library)
    assert people_shown(library)[face] is None
    history.undo(library)
    assert people_shown(library)[face] == 1


def test_somebody_who_was_deleted_can_be_forgotten(library, faces, is_whole):
    (face,) = faces.add(1)
    naming.name(library, f"f{face}", NAME)
    deciding.delete(library, "p1")
    assert forgetting.forget_person(library, "p1").faces == 0
    assert found_in(library.folder, [NAME]) == []
    assert is_whole(library)
    assert browse.faces_by_id(library, [face])


def test_part_of_a_person_cannot_be_forgotten_alone(library, faces):
    one, two = faces.add(2)
    naming.name(library, f"f{one}", "Anna")
    naming.name(library, f"f{two}", "Berta")
    deciding.merge(library, "p1", "p2")
    with pytest.raises(UserError, match="p1 is part of p2"):
        forgetting.forget_person(library, "p1")


def test_another_person_of_the_name_keeps_it(library, faces):
    one, two = faces.add(2)
    naming.name(library, f"f{one}", "Anna")
    naming.name(library, f"f{two}", "Anna", another=True)
    forgetting.forget_person(library, "p1")
    assert [group.name for group in browse.groups(library)] == ["Anna"]
    assert [entry.kind for entry in history.entries(library)] == ["forget", "name"]


@pytest.mark.parametrize("begin", ["import", "name"])
def test_nothing_is_left_of_whom_undone_names_made_again(library, faces, is_whole, begin):
    ids = faces.add(4)
    naming.name(library, f"f{ids[0]}", NAME)
    photo = browse.faces_by_id(library, [ids[1]])[0].photo
    if begin == "import":
        naming.name(library, "p1", "Zofka")
        told = FoundNames(tagged=(TaggedName(NAME, sure=True),))
        taken = take_over(library, Told({photo: told}), "files")
        assert taken.new_people == 1
    else:
        naming.name(library, f"f{ids[1]}", NAME, another=True)
    history.undo(library)
    assert found_in(library.folder, [NAME])
    naming.name(library, f"f{ids[2]}", "Berta")
    forgetting.forget_person(library, "p1")
    library.close()
    assert found_in(library.folder, [NAME, "Zofka"]) == []
    assert len(backups.listed(library.folder)) == 1
    with Library(library.folder) as again:
        assert is_whole(again)
        assert [group.name for group in browse.groups(again)] == ["Berta"]
        history.undo(again)
        assert browse.groups(again) == []


def test_who_is_not_there_any_more_and_had_other_names_too_is_kept(library, faces):
    ids = faces.add(3)
    naming.name(library, f"f{ids[0]}", NAME)
    other = naming.name(library, f"f{ids[1]}", NAME, another=True).person
    naming.name(library, f"p{other}", "Berta")
    part = naming.name(library, f"f{ids[2]}", NAME, another=True).person
    deciding.merge(library, f"p{part}", f"p{other}")
    deciding.delete(library, f"p{other}")
    forgetting.forget_person(library, "p1")
    history.undo(library)
    (berta,) = browse.groups(library)
    assert (berta.name, berta.faces, berta.aliases) == ("Berta", 2, (NAME,))


def test_a_forgetting_is_no_act_to_undo(library, faces):
    one, two = faces.add(2)
    naming.name(library, f"f{one}", "Anna")
    naming.name(library, f"f{two}", "Berta")
    history.undo(library)
    forgetting.forget_person(library, "p1")
    history.redo(library)
    assert [group.name for group in browse.groups(library)] == ["Berta"]
    history.undo(library)
    with pytest.raises(UserError, match="nothing to undo"):
        history.undo(library)


@pytest.mark.parametrize("key", ["p99", "g1", "f1", "Anna"])
def test_who_is_not_there_cannot_be_forgotten(library, lived_in, key):
    before = browse.groups(library)
    with pytest.raises(UserError):
        forgetting.forget_person(library, key)
    assert browse.groups(library) == before


@pytest.mark.parametrize("seed", range(12))
def test_whatever_was_done_one_person_can_be_forgotten(
    library, faces, recognize, is_whole, people_shown, seed
):
    """Acts, undos and redos drawn by lot; then the rest is undone and redone to the last."""
    chance = random.Random(seed)
    ids = faces.add(10)
    group(library, ids[:4], ids[4:7], ids[7:])
    called = {1: NAME, 2: "Berta", 3: "Clara"}
    for number, name in called.items():
        naming.name(library, f"f{ids[number]}", name)

    def key():
        return f"p{chance.choice(list(called))}"

    def some():
        return [f"f{face}" for face in chance.sample(ids, chance.randint(1, 3))]

    acts = [
        lambda: deciding.move(library, some(), key()),
        lambda: deciding.reject(library, some(), key()),
        lambda: deciding.merge(library, key(), key()),
        lambda: deciding.merge(library, f"g{chance.randint(1, 3)}", key()),
        lambda: deciding.hide(library, [key(), key()]),
        lambda: deciding.split(library, some()),
        lambda: deciding.exclude(library, some()),
        lambda: deciding.confirm(library, [key()]),
        lambda: deciding.delete(library, key()),
        lambda: describing.add_alias(library, (who := key()), f"Nan {who}"),
        lambda: describing.choose_cover(library, some()[0]),
        lambda: describing.set_birthday(library, key(), parse_birthday("1923")),
        lambda: describing.tag(library, key(), [photo.id for photo in browse.photos(library)[3:6]]),
        lambda: recognize({int(face[1:]): int(key()[1:]) for face in some()}, int(key()[1:])),
        lambda: history.undo(library),
        lambda: history.undo(library),
        lambda: history.redo(library),
        lambda: history.undo(
            library, chance.choice(history.entries(library)).id, history.Later.KEEP
        ),
    ]
    for _ in range(25):
        try:
            chance.choice(acts)()
        except UserError:
            continue
    try:
        done = forgetting.forget_person(library, "p1")
    except LibraryError:  # part of somebody else
        with library.read() as tx:
            into = dict(redaction.merges(tx, EntryStatus.STANDS))
        number = 1
        while number in into:
            number = into[number]
        done = forgetting.forget_person(library, f"p{number}")
    assert found_in(library.folder, done.names) == []
    assert is_whole(library)
    before = people_shown(library)
    undone = 0
    with contextlib.suppress(history.CollisionError):  # with what an undo kept for later acts
        while history.next_steps(library).undo:
            history.undo(library)
            assert is_whole(library)
            undone += 1
    while undone:
        history.redo(library)
        assert is_whole(library)
        undone -= 1
    assert people_shown(library) == before


# Cut off, and refused


@pytest.mark.parametrize("everybody", [False, True])
@pytest.mark.parametrize(
    ("module", "name"),
    [
        (forgetting, "_remove_files"),
        (backups, "remove_all"),
        (logs, "clear"),
        (wiping, "scrub"),
        (journal, "end_run"),
    ],
)
def test_what_was_cut_off_is_finished_by_the_next(
    library, faces, lived_in, monkeypatch, *, module, name, everybody
):
    def killed(*_, **__):
        raise KeyboardInterrupt

    def forget():
        if everybody:
            forgetting.forget_everybody(library)
        else:
            forgetting.forget_person(library, "p1")

    with monkeypatch.context() as patch:
        patch.setattr(module, name, killed)
        with pytest.raises(KeyboardInterrupt):
            forget()
    with library.write() as tx:
        journal.close_unfinished(tx)  # as the next start does
    assert forgetting.is_unfinished(library)
    assert forgetting.finish(library)
    assert not forgetting.is_unfinished(library)
    vector = faces.vectors[lived_in[1]]
    assert found_in(library.folder, [NAME, "Zofka"], [vector]) == []


def test_a_library_that_is_only_looked_at_forgets_nothing(library, lived_in):
    library.close()
    with Library(library.folder, look_only=True) as looked:
        for forget in (
            forgetting.forget_everybody,
            lambda library: forgetting.forget_person(library, "p1"),
        ):
            with pytest.raises(LibraryError, match="cannot be changed"):
                forget(looked)
        assert any(group.name == NAME for group in browse.groups(looked))


def test_somebody_who_looks_on_keeps_it_from_ending(library, faces, lived_in):
    """Their view of the library is in the write-ahead log, with all that was forgotten."""
    with sqlite3.connect(library.path) as looking:
        looking.execute("BEGIN")
        looking.execute("SELECT * FROM face").fetchone()
        with library.read() as tx:
            driver = tx.connection.driver_connection
            driver.execute("PRAGMA busy_timeout = 10")
        with pytest.raises(LibraryError, match="another photoclust"):
            forgetting.forget_person(library, "p1")
    looking.close()
    assert forgetting.is_unfinished(library)
    assert forgetting.finish(library)
    assert found_in(library.folder, [NAME]) == []
