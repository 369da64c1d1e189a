"""Sidecars of a library: where they lie, what they say, and what goes wrong with one alone."""

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.core.types import Box
from photoclust.media.xmp import own
from photoclust.media.xmp.editing import Packet, items, structure
from photoclust.media.xmp.forms import MWG, mwg_region
from photoclust.media.xmp.own import State
from photoclust.services import deciding, names_out, names_out_xmp
from photoclust.services.names_out import Wanted
from photoclust.store import files as file_store
from photoclust.store.files import FileState


def export(shelf, **options):
    wanted = Wanted(options.pop("people", None), options.pop("guesses", False))
    return names_out_xmp.export_sidecars(shelf.library, wanted, **options)


def regions(sidecar):
    listed = structure(Packet(sidecar.read_bytes()).property((MWG, "Regions"))).holder
    return [mwg_region(structure(item)) for item in items(listed.find((MWG, "RegionList")))]


def states(sidecar):
    return [own.read_values(region.own) for region in regions(sidecar)]


def test_names_boxes_states_and_ids_are_told(decided):
    report = export(decided)
    assert (report.written, report.regions, report.unnamed) == (2, 5, 3)
    assert report.people == {"Anna Ö.", "Berta"}
    first, second = (decided.folder / f"{name}.xmp" for name in ("a.jpg", "trip/b.jpg"))
    assert [region.name for region in regions(first)] == ["Anna Ö.", "Berta"]
    assert regions(first)[0].box.iou(Box(20 / 400, 20 / 300, 80 / 400, 90 / 300)) > 0.999
    anna, berta = states(first)
    assert anna.state is berta.state is State.CONFIRMED
    # Stored on its side: what is at the top left when it stands is at the bottom left there.
    by_state = {
        each.state: (each, region)
        for each, region in zip(states(second), regions(second), strict=True)
    }
    assert by_state[State.REJECTED][0].rejected == ((anna.person, "Anna Ö."),)
    box = by_state[State.REJECTED][1].box
    assert box.iou(Box(20 / 300, 1 - 100 / 400, 90 / 300, 80 / 400)) > 0.999
    hidden, region = by_state[State.CONFIRMED]
    assert (hidden.name, hidden.hidden, region.name) == ("Carla", True, "")
    assert State.NOT_A_FACE in by_state
    packet = Packet(second.read_bytes())
    assert own.read_people(packet.property((own.NAMESPACE, "Present")).text) == (
        (berta.person, "Berta"),
    )
    assert packet.texts(("http://purl.org/dc/elements/1.1/", "subject")) == ["Berta"]
    assert b'stDim:w="300" stDim:h="400"' in second.read_bytes()


def test_only_its_owner_reads_a_new_sidecar_and_others_keep_their_mode(decided):
    other = decided.folder / "a.jpg.xmp"
    export(decided)
    other.chmod(0o644)
    decided.name("a.jpg", 2, "Dora")
    assert export(decided).written == 1
    assert stat.S_IMODE(other.stat().st_mode) == 0o644
    assert stat.S_IMODE((decided.folder / "trip/b.jpg.xmp").stat().st_mode) == 0o600
    assert not list(decided.folder.rglob("*.tmp"))


def test_what_says_it_already_is_not_written(decided):
    export(decided)
    before = {path: path.stat().st_ino for path in decided.folder.rglob("*.xmp")}
    report = export(decided)
    assert (report.written, report.unchanged) == (0, 2)
    assert {path: path.stat().st_ino for path in decided.folder.rglob("*.xmp")} == before


def test_a_dry_run_tells_the_same_and_writes_nothing(decided):
    tried = export(decided, dry_run=True)
    assert not list(decided.folder.rglob("*.xmp"))
    assert tried == export(decided)


def test_guesses_leave_only_when_asked_for(shelf):
    shelf.add("a.jpg")
    anna = shelf.name("a.jpg", 0, "Anna")
    guess_as(shelf, shelf.faces["a.jpg"][1], anna)
    assert export(shelf).regions == 1
    assert export(shelf, guesses=True).regions == 2
    assert [each.state for each in states(shelf.folder / "a.jpg.xmp")] == [
        State.CONFIRMED,
        State.SUGGESTED,
    ]
    assert export(shelf).written == 1
    assert len(regions(shelf.folder / "a.jpg.xmp")) == 1


def guess_as(shelf, face, person):
    """Let a face be shown as a person whom nobody confirmed."""
    from sqlalchemy import update

    from photoclust.store import schema

    with shelf.library.write() as tx:
        change = update(schema.face).where(schema.face.c.id == face)
        tx.execute(change.values(person_id=int(person[1:])))


def test_of_some_people_alone(decided):
    people = names_out.find_people(decided.library, ["berta"])
    report = export(decided, people=people)
    assert report.people == {"Berta"}
    assert [region.name for region in regions(decided.folder / "a.jpg.xmp")] == ["Berta"]
    with pytest.raises(UserError, match="nobody called Zoe"):
        names_out.find_people(decided.library, ["Zoe"])


def test_names_that_were_taken_back_leave_the_sidecars(decided):
    export(decided)
    anna = names_out.find_people(decided.library, ["Anna Ö."])
    deciding.delete(decided.library, f"p{min(anna)}")
    report = export(decided)
    assert report.written == 2
    assert not any(b"Anna" in path.read_bytes() for path in decided.folder.rglob("*.xmp"))


def test_into_a_folder_that_mirrors_the_library(decided, tmp_path):
    target = tmp_path / "out"
    export(decided, into=target)
    assert not list(decided.folder.rglob("*.xmp"))
    found = sorted(path.relative_to(target) for path in target.rglob("*.xmp"))
    assert found == [Path("photos/a.jpg.xmp"), Path("photos/trip/b.jpg.xmp")]
    assert stat.S_IMODE((target / "photos").stat().st_mode) == 0o700
    with pytest.raises(UserError, match="is a file"):
        export(decided, into=decided.folder / "a.jpg")


def test_a_damaged_sidecar_is_left_and_told(decided):
    damaged = decided.folder / "a.jpg.xmp"
    damaged.write_bytes(b"<x:xmpmeta")
    report = export(decided)
    assert damaged.read_bytes() == b"<x:xmpmeta"
    assert report.written == 1
    (failure,) = report.failed
    assert failure.path == decided.folder / "a.jpg"
    assert "is left as it is" in failure.reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_damaged_sidecar_of_others_is_no_matter_of_somebody(decided, encoding):
    export(decided)
    damaged = decided.folder / "a.jpg.xmp"
    damaged.write_bytes(damaged.read_text().partition("</rdf:RDF>")[0].encode(encoding))
    carla, anna = (names_out.find_people(decided.library, [name]) for name in ("Carla", "Anna Ö."))
    assert export(decided, people=carla).failed == []
    (failure,) = export(decided, people=anna).failed
    assert "is left as it is" in failure.reason


def test_photos_that_are_away_or_changed_are_told(decided):
    with decided.library.write() as tx:
        file_store.set_state(tx, [decided.folder / "a.jpg"], FileState.OFFLINE)
    os.utime(decided.folder / "trip/b.jpg", (1, 1))
    report = export(decided)
    assert (report.written, report.offline) == (0, 1)
    assert "changed since the last scan" in report.failed[0].reason


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write it all")
def test_a_folder_that_cannot_be_written_is_told(decided):
    (decided.folder / "trip").chmod(0o500)
    try:
        report = export(decided)
    finally:
        (decided.folder / "trip").chmod(0o700)
    assert report.written == 1
    assert "cannot be written" in report.failed[0].reason


def test_cancelling_keeps_what_is_written_and_another_export_goes_on(decided, monkeypatch):
    control = JobControl()

    def write_and_cancel(path, data):
        write_whole(path, data)
        control.cancel()

    write_whole = names_out_xmp.write_whole
    with monkeypatch.context() as patch:
        patch.setattr(names_out_xmp, "write_whole", write_and_cancel)
        cancel_export(decided, control)
    assert len(list(decided.folder.rglob("*.xmp"))) == 1
    report = export(decided)
    assert (report.written, report.unchanged) == (1, 1)


def cancel_export(decided, control):
    with pytest.raises(CancelledError):
        export(decided, control=control)


def test_a_link_to_a_sidecar_stays_a_link(decided, tmp_path):
    elsewhere = tmp_path / "elsewhere.xmp"
    elsewhere.write_bytes(b"")
    (decided.folder / "a.jpg.xmp").symlink_to(elsewhere)
    export(decided)
    assert (decided.folder / "a.jpg.xmp").is_symlink()
    assert b"Berta" in elsewhere.read_bytes()


@pytest.mark.exiftool
def test_exiftool_reads_every_region_and_finds_nothing_wrong(decided, exiftool):
    export(decided)
    sidecars = sorted(decided.folder.rglob("*.xmp"))
    command = [exiftool, "-json", "-struct", "-validate", "-XMP:all", *map(str, sidecars)]
    first, second = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert first["Validate"] == second["Validate"] == "OK"
    assert [each["Name"] for each in first["RegionInfo"]["RegionList"]] == ["Anna Ö.", "Berta"]
    assert first["PersonInImage"] == first["Subject"] == ["Anna Ö.", "Berta"]
    assert first["RegionInfoMP"]["Regions"][1]["PersonDisplayName"] == "Berta"
    listed = second["RegionInfo"]["RegionList"]
    assert sorted(each["Extensions"]["XMP-pc:State"] for each in listed) == [
        "confirmed",
        "not-a-face",
        "rejected",
    ]
