import numpy as np
import pytest

from photoclust.core.dates import parse_date
from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.core.types import EntryStatus
from photoclust.services import browse, deciding, history, naming
from photoclust.services.history import CollisionError, Later
from photoclust.store import cluster_table, journal, recognitions
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.database import Library
from photoclust.store.recognitions import Verdicts
from photoclust.vision.models import DEFAULT_EMBEDDER


@pytest.fixture
def people(library, crowd):
    """Ann (4 faces), Anna (3 faces) and Otto (1 face), each named by an act: their face keys."""
    groups = [crowd.photos_of(1, 4), crowd.photos_of(2, 3), crowd.photos_of(3, 1)]
    with library.write() as tx:
        cluster_table.replace_clusters(tx, [ClusterContent(None, None, faces) for faces in groups])
    for faces, name in zip(groups, ("Ann", "Anna", "Otto"), strict=True):
        (face,) = browse.faces_by_id(library, faces[:1])
        naming.name(library, f"g{face.cluster}", name)
    return [[f"f{face}" for face in faces] for faces in groups]


def names(library):
    return {group.name: group.faces for group in browse.groups(library)}


def who(library):
    called = {group.id: group.name for group in browse.groups(library) if group.key[0] == "p"}
    return {f"f{face.id}": called.get(face.person) for face in browse.faces(library)}


def test_an_old_merge_is_undone_and_what_came_after_stays(library, crowd, people):
    deciding.merge(library, "p1", "p2")
    merge = history.entries(library)[0].id
    naming.name(library, "p3", "Ottilie")
    (later,) = crowd.photos_of(2, 1)
    deciding.move(library, [f"f{later}"], "p2")
    assert names(library) == {"Anna": 8, "Ottilie": 1}
    undone = history.undo(library, merge)
    assert undone.titles == ("Merged Ann into Anna",)
    assert names(library) == {"Ann": 4, "Anna": 4, "Ottilie": 1}


def test_an_old_act_is_not_undone_under_later_ones_that_are_named(library, people):
    deciding.merge(library, "p1", "p2")
    merge = history.entries(library)[0].id
    deciding.move(library, people[0][:1], "p3")
    naming.name(library, "p2", "Anne")
    before = who(library)
    with pytest.raises(CollisionError, match=f"entry {merge} cannot be undone by itself") as caught:
        history.undo(library, merge)
    assert [entry.kind for entry in caught.value.later] == ["move"]
    assert who(library) == before


def test_what_later_acts_left_of_an_old_one_can_be_undone(library, people):
    deciding.merge(library, "p1", "p2")
    merge = history.entries(library)[0].id
    deciding.move(library, people[0][:1], "p3")
    history.undo(library, merge, Later.KEEP)
    assert names(library) == {"Ann": 3, "Anna": 3, "Otto": 2}
    history.redo(library)
    assert names(library) == {"Anna": 6, "Otto": 2}


def test_later_acts_can_be_undone_as_well(library, people):
    before = names(library)
    deciding.merge(library, "p1", "p2")
    merge = history.entries(library)[0].id
    deciding.move(library, people[0][:1], "p3")
    undone = history.undo(library, merge, Later.UNDO)
    assert [entry.kind for entry in undone.entries] == ["move", "merge"]
    assert names(library) == before
    history.redo(library)
    assert names(library) == {"Anna": 6, "Otto": 2}


def test_a_person_on_whom_later_acts_build_is_not_undone_away(library, people):
    entry = next(e for e in history.entries(library) if e.details["people"].get("3") == "Otto")
    deciding.move(library, people[0][:1], "p3")
    with pytest.raises(CollisionError):
        history.undo(library, entry.id)
    history.undo(library, entry.id, Later.KEEP)
    assert names(library)["Otto"] == 1
    assert who(library)[people[0][0]] == "Otto"
    assert who(library)[people[2][0]] is None


def test_any_number_of_steps_is_taken_back_and_forth_also_after_a_restart(library, people):
    acts = [
        lambda library: deciding.merge(library, "p1", "p2"),
        lambda library: deciding.split(library, people[0][:2]),
        lambda library: deciding.reject(library, people[2]),
        lambda library: naming.name(library, "p2", "Anne"),
        lambda library: deciding.exclude(library, people[1][:1]),
    ]
    seen = [who(library)]
    for act in acts:
        act(library)
        seen.append(who(library))
    folder = library.folder
    library.close()
    for expected in reversed(seen[:-1]):
        with Library(folder) as again:
            history.undo(again)
            assert who(again) == expected
    for expected in seen[1:]:
        with Library(folder) as again:
            history.redo(again)
            assert who(again) == expected
            steps = history.next_steps(again)
    assert steps.redo is None
    assert steps.undo == "Marked as no face: 1 face"


def test_after_a_new_act_nothing_is_done_again(library, people):
    history.undo(library)
    naming.name(library, "p1", "Annika")
    with pytest.raises(UserError, match="nothing to redo"):
        history.redo(library)
    assert history.next_steps(library).redo is None


def test_there_may_be_nothing_to_undo(library):
    with pytest.raises(UserError, match="nothing to undo"):
        history.undo(library)
    with pytest.raises(UserError, match="nothing to redo"):
        history.redo(library)
    assert history.next_steps(library) == history.NextSteps(None, None)


def test_runs_and_undos_cannot_be_undone(library, people):
    with library.write() as tx:
        run = journal.start_run(tx, "scan", {})
        journal.end_run(tx, run, EntryStatus.DONE)
    history.undo(library)
    undo, scan, named, *_ = history.entries(library)
    for entry, message in (
        (scan.id, "is a run"),
        (undo.id, "undo or redo an act"),
        (named.id, "undone already"),
        (999, "there is no entry 999"),
    ):
        with pytest.raises(UserError, match=message):
            history.undo(library, entry)


def test_the_journal_replayed_gives_the_same_people(library, people):
    deciding.merge(library, "p1", "p2")
    deciding.reject(library, people[2])
    history.undo(library)
    deciding.hide(library, ["p3"])
    before = (who(library), browse.groups(library), browse.groups(library, hidden=True))
    with library.write() as tx:
        journal.replay(tx)
    assert (who(library), browse.groups(library), browse.groups(library, hidden=True)) == before


def test_every_act_has_a_title(library, people):
    ann, anna, otto = people
    deciding.merge(library, "p1", "p2")
    deciding.split(library, anna[:1])
    deciding.move(library, anna[:1], "p3")
    deciding.reject(library, otto)
    deciding.confirm(library, ann)
    deciding.exclude(library, ann[:2])
    deciding.hide(library, ["p2"])
    deciding.hide(library, ["p2"], hidden=False)
    deciding.set_date(library, browse.photo_ids(library)[:2], parse_date("1920s"))
    deciding.delete(library, "p2")
    naming.name(library, "p3", "Ottilie")
    history.undo(library)
    assert [history.title(entry) for entry in reversed(history.entries(library))] == [
        "Named 4 faces Ann",
        "Named 3 faces Anna",
        "Named 1 face Otto",
        "Merged Ann into Anna",
        "Split off 1 face from Anna",
        "Moved 1 face to Otto",
        "Marked as somebody else: 1 face not Otto",
        "Marked as no face: 2 faces",
        "Hid Anna",
        "Showed again Anna",
        "Dated 2 photos: 1920s",
        "Deleted Anna",
        "Renamed Otto to Ottilie",
        "Undid 13",
    ]


def test_the_journal_is_listed_page_by_page(library, people):
    newest = history.entries(library, limit=2)
    rest = history.entries(library, before=newest[-1].id)
    assert [entry.id for entry in (*newest, *rest)] == [3, 2, 1]


def test_names_that_recognition_gave_are_undone_by_number_only(library, crowd, people):
    (face,) = crowd.photos_of(1, 1)
    nothing = np.full(1, np.nan)
    verdicts = Verdicts(
        face=np.array([face]),
        person=np.array([1]),
        probability=np.array([0.9]),
        similarity=np.array([0.8]),
        runner_up=np.array([-1]),
        runner_up_similarity=nothing,
        runner_up_probability=nothing,
        named=np.array([True]),
    )
    with library.write() as tx:
        run = recognitions.write(tx, verdicts, None, model=DEFAULT_EMBEDDER).entry
    assert history.title(history.entries(library)[0]) == "Named 1 face automatically"
    assert history.next_steps(library).undo == "Named 1 face Otto"
    assert names(library) == {"Ann": 5, "Anna": 3, "Otto": 1}
    assert history.undo(library, run).titles == ("Named 1 face automatically",)
    assert names(library)["Ann"] == 4
    assert history.next_steps(library).redo == "Named 1 face automatically"
    history.redo(library)
    assert names(library)["Ann"] == 5


@pytest.mark.parametrize("kind", sorted(journal.RECORDS))
def test_what_only_tells_what_happened_is_not_offered_to_be_undone(library, people, kind):
    with library.write() as tx:
        entry = journal.add_entry(tx, kind, {})
    assert history.next_steps(library).undo == "Named 1 face Otto"
    with pytest.raises(UserError, match="cannot be undone"):
        history.undo(library, entry)


def test_a_naming_tells_its_entry_and_one_that_changes_nothing_has_none(library, people):
    named = naming.name(library, "p3", "Ottilie")
    assert named.entry == history.entries(library)[0].id
    assert naming.name(library, "p3", "Ottilie").entry is None
    assert deciding.merge(library, "p1", "p2").entry == history.entries(library)[0].id


def test_nobody_without_name_and_faces_is_listed(library, people):
    split = deciding.split(library, people[0][:1])
    assert None in names(library)
    deciding.move(library, people[0][:1], "p2")
    assert names(library) == {"Ann": 3, "Anna": 4, "Otto": 1}
    assert browse.person(library, split.person).faces == 0


def test_faces_are_found_where_they_are_now(library, people):
    everybody = [face.id for face in browse.faces(library)]
    assert browse.homes(library, everybody) == ["p1", "p2", "p3"]
    history.undo(library)
    assert browse.homes(library, everybody)[:2] == ["p1", "p2"]
    assert browse.homes(library, []) == []


def listed(library, **options):
    return [
        (act.title, act.stands, act.is_next)
        for act in history.acts(library, **{"limit": 10, **options})
    ]


def test_acts_are_listed_without_runs_and_undos_and_the_next_undo_is_marked(library, people):
    with library.write() as tx:
        journal.end_run(tx, journal.start_run(tx, "scan", {}), EntryStatus.DONE)
    history.undo(library)
    assert listed(library) == [
        ("Named 1 face Otto", False, False),
        ("Named 3 faces Anna", True, True),
        ("Named 4 faces Ann", True, False),
    ]
    first, *_ = history.acts(library, limit=1)
    assert not first.undoable
    assert listed(library, limit=1, before=first.id) == [("Named 3 faces Anna", True, True)]


def test_everything_back_to_an_act_is_undone_and_comes_back_by_redo(library, people):
    _, anna, _ = history.acts(library, limit=10)
    undone = history.undo_back_to(library, anna.id)
    assert undone.titles == ("Named 1 face Otto", "Named 3 faces Anna")
    assert len(undone.changes.faces) == 4
    assert names(library)["Ann"] == 4
    assert "Anna" not in names(library)
    history.redo(library)
    history.redo(library)
    assert names(library) == {"Ann": 4, "Anna": 3, "Otto": 1}


def test_back_to_what_is_undone_already_is_refused(library, people):
    otto, *_ = history.acts(library, limit=1)
    history.undo(library)
    before = names(library)
    with pytest.raises(UserError, match="step by step"):
        history.undo_back_to(library, otto.id)
    assert names(library) == before


def test_going_back_can_be_cancelled(library, people):
    control = JobControl()
    control.cancel()
    with pytest.raises(CancelledError):
        history.undo_back_to(library, history.acts(library, limit=10)[-1].id, control=control)
    assert names(library) == {"Ann": 4, "Anna": 3, "Otto": 1}


def test_titles_name_what_has_no_name_in_words(library, crowd):
    groups = [crowd.photos_of(number, 3) for number in range(3)]
    with library.write() as tx:
        cluster_table.replace_clusters(tx, [ClusterContent(None, None, faces) for faces in groups])
    first, second, third = (group.key for group in browse.groups(library))
    anna = f"p{naming.name(library, first, 'Anna').person}"
    for key in (second, third):
        deciding.merge(library, key, anna)
    for entry in history.entries(library, limit=2):
        assert history.title(entry) == "Merged a group without a name into Anna"
