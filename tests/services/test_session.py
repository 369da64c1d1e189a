"""A scan with its groupings: early results, silence in between, and cancel at any point."""

import shutil
from pathlib import Path

import pytest

from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import EntryStatus, LibraryChanges
from photoclust.services import browse, grouping, naming, session
from photoclust.store import files as file_store
from photoclust.store import journal

pytestmark = pytest.mark.usefixtures("in_process")


def test_people_appear_before_the_scan_ends(library, demo_album, monkeypatch):
    monkeypatch.setattr(session, "FIRST_GROUPING_FACES", 4)
    monkeypatch.setattr("photoclust.services.scan_writer.COMMIT_PHOTOS", 2)
    seen: list[tuple[int, int]] = []
    stages: list[str] = []

    def note(_: LibraryChanges) -> None:
        seen.append((browse.counts(library)[0], len(browse.groups(library))))

    control = JobControl(lambda progress: stages.append(progress.stage))
    report = session.scan_and_group(
        library, [demo_album], Settings(workers=1), control=control, on_changes=note
    )
    early = [groups for photos, groups in seen if photos < report.scan.photos]
    assert max(early) > 0
    # The groupings in between do not show: the stages follow one another.
    scanned = len(stages) - stages[::-1].index("Finding faces")
    assert list(dict.fromkeys(stages[:scanned])) == ["Looking for photos", "Finding faces"]
    # To compare them is a part of grouping, and told only where it takes a moment.
    assert {"Grouping faces"} <= set(stages[scanned:]) <= {"Grouping faces", "Comparing faces"}


def test_the_groups_of_a_first_scan_are_made_anew_and_later_ones_stay(
    library, demo_album, tmp_path, monkeypatch
):
    monkeypatch.setattr(session, "FIRST_GROUPING_FACES", 1)
    monkeypatch.setattr("photoclust.services.scan_writer.COMMIT_PHOTOS", 1)
    asked: list[bool] = []

    def group(library, *, anew, **options):
        asked.append(anew)
        return grouping.group(library, anew=anew, **options)

    monkeypatch.setattr(session, "group", group)
    session.scan_and_group(library, [demo_album / "2012 Oval Office"], Settings(workers=1))
    assert len(asked) > 1
    assert set(asked) == {True}
    assert grouping.has_groups(library)
    asked.clear()
    session.scan_and_group(library, [demo_album], Settings(workers=1))
    assert set(asked) == {False}


def test_faces_are_recognised_as_they_come(library, demo_album, monkeypatch):
    monkeypatch.setattr(session, "FIRST_GROUPING_FACES", 10**6)
    monkeypatch.setattr(session, "RECOGNIZING_S", 0.0)
    monkeypatch.setattr(session, "RECOGNIZING_SHARE", 0)
    monkeypatch.setattr("photoclust.services.scan_writer.COMMIT_PHOTOS", 1)
    settings = Settings(workers=1, naming_precision=0.8)
    first = session.scan_and_group(library, [demo_album / "2012 Oval Office"], settings)
    assert first.recognition is None
    for face in browse.faces(library):
        naming.name(library, f"f{face.id}", "Joe")
    known: list[int] = []

    def note(_: LibraryChanges) -> None:
        known.append(sum(group.faces for group in browse.groups(library) if group.name == "Joe"))

    report = session.scan_and_group(library, [demo_album], settings, on_changes=note)
    assert report.recognition is not None
    assert known[-1] == known[0] + report.recognition.named > known[0]
    # Before the grouping at the end, of which two more are told.
    assert known[-3] > known[0]


def test_cancel_in_a_grouping_in_between_ends_the_scan(library, demo_album, monkeypatch):
    monkeypatch.setattr(session, "FIRST_GROUPING_FACES", 1)
    monkeypatch.setattr("photoclust.services.scan_writer.COMMIT_PHOTOS", 1)
    control = JobControl()
    with pytest.raises(CancelledError):
        session.scan_and_group(
            library,
            [demo_album],
            Settings(workers=1),
            control=control,
            on_changes=lambda changes: control.cancel() if changes.faces else None,
        )
    photos, faces = browse.counts(library)
    assert 0 < photos < 5
    assert browse.groups(library) == []
    assert faces == len(browse.single_faces(library))


def test_scan_again_takes_the_folders_that_are_there(library, demo_album, tmp_path):
    here, gone = tmp_path / "here", tmp_path / "gone"
    for folder in (here, gone):
        folder.mkdir()
    session.scan_and_group(library, [here, gone], Settings())
    gone.rmdir()
    shutil.copy(next(demo_album.glob("Space/*.png")), here)
    report = session.scan_again(library, Settings())
    assert report.scan.photos == 1
    assert report.missing == (gone,)


@pytest.mark.parametrize("folders", [(), ("gone",)])
def test_scan_again_without_a_folder_says_what_to_do(library, tmp_path, folders):
    paths = [tmp_path / name for name in folders]
    for path in paths:
        path.mkdir()
        session.scan_and_group(library, [path], Settings())
        path.rmdir()
    with pytest.raises(UserError, match=r"add one|connect its drive"):
        session.scan_again(library, Settings())


def test_the_overview_counts_everything_once(library, demo_album):
    session.scan_and_group(library, [demo_album], Settings())
    overview = browse.overview(library)
    assert (overview.all_forms, overview.faces) == browse.counts(library)
    assert overview.single_faces == len(browse.single_faces(library))
    assert overview.failures == len(browse.failures(library))
    assert overview.folders == (Path(demo_album),)


@pytest.fixture
def known_folder(library, demo_album, tmp_path):
    """A folder of the library with one photo that it knows and has grouped."""
    folder = tmp_path / "photos"
    folder.mkdir()
    shutil.copy(next(demo_album.glob("Space/*.png")), folder)
    session.scan_and_group(library, [folder], Settings(workers=1))
    return folder


def runs(library):
    """The kinds of the entries in the journal, the newest first."""
    with library.read() as tx:
        return [entry.kind for entry in journal.entries(tx)]


def test_catching_up_with_nothing_new_writes_nothing(library, known_folder):
    before = runs(library)
    report = session.catch_up(library, Settings(workers=1))
    assert (report.scan.photos, report.scan.unchanged, report.missing) == (0, 1, ())
    assert runs(library) == before


def test_catching_up_groups_new_faces_and_names_missing_folders(
    library, known_folder, demo_album, tmp_path
):
    gone = tmp_path / "gone"
    gone.mkdir()
    session.scan_and_group(library, [gone], Settings(workers=1))
    gone.rmdir()
    shutil.copy(next(demo_album.glob("20*/side by side.jpg")), known_folder)
    changes = []
    report = session.catch_up(library, Settings(workers=1), on_changes=changes.append)
    assert report.scan.photos == 1
    assert report.scan.faces > 0
    assert report.missing == (gone,)
    assert runs(library)[:2] == ["group", "scan"]
    assert changes[-1] == LibraryChanges()


def test_catching_up_without_any_folder_is_no_error(library, tmp_path):
    assert session.catch_up(library, Settings()).missing == ()
    with library.write() as tx:
        file_store.add_folders(tx, [tmp_path / "unplugged"])
    assert session.catch_up(library, Settings()).missing == (tmp_path / "unplugged",)


@pytest.mark.parametrize("ended", [EntryStatus.CANCELLED, EntryStatus.DONE])
def test_faces_of_a_scan_after_the_last_grouping_are_grouped(library, known_folder, ended):
    with library.write() as tx:
        journal.end_run(tx, journal.start_run(tx, "scan", {}), ended)
        tx.exec_driver_sql("UPDATE face SET quality = 0.5")
    session.catch_up(library, Settings(workers=1))
    assert runs(library)[:2] == ["group", "scan"]


def test_a_grouping_that_was_cancelled_is_made_up_for(library, known_folder):
    with library.write() as tx:
        journal.end_run(tx, journal.start_run(tx, "group", {}), EntryStatus.CANCELLED)
        tx.exec_driver_sql("UPDATE face SET quality = 0.5")
    session.catch_up(library, Settings(workers=1))
    assert runs(library)[:2] == ["group", "group"]
