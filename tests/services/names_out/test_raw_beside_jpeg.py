"""A raw file and its JPEG, each with a sidecar, out and back."""

import runpy

import pytest

from photoclust.media import raw
from photoclust.services import browse, history
from photoclust.services.names_in import take_over
from photoclust.services.names_in_sources import Source, find_names
from photoclust.services.names_out import Wanted
from photoclust.services.names_out_xmp import export_sidecars
from photoclust.store import people

pytestmark = pytest.mark.skipif(not raw.is_readable(), reason="needs rawpy: the extra `raw`")


@pytest.fixture
def pair(shelf, repository):
    """`a.cr2` and `a.jpg`, whose faces are at the same places."""
    made = runpy.run_path(str(repository / "tests" / "media" / "test_raw.py"))
    (shelf.folder / "a.cr2").write_bytes(made["raw_file"](dng=False))
    shelf.know(shelf.folder / "a.cr2")
    shelf.add("a.jpg")
    return shelf


def confirmed(shelf, file):
    """Who the faces of a file are confirmed to be."""
    with shelf.library.read() as tx:
        names = people.names_and_uids(tx)
    faces = browse.faces_by_id(shelf.library, shelf.faces[file])
    return [names[face.person][0] if face.confirmed else None for face in faces]


def test_each_has_its_own_names_again(pair):
    pair.name("a.cr2", 0, "Anna")
    pair.name("a.jpg", 1, "Berta")
    before = {file: confirmed(pair, file) for file in ("a.cr2", "a.jpg")}
    assert before == {"a.cr2": ["Anna", None, None], "a.jpg": [None, "Berta", None]}
    report = export_sidecars(pair.library, Wanted())
    assert (report.written, report.for_raw, report.failed) == (2, 1, [])
    names = {path.name for path in pair.folder.iterdir()}
    assert names == {"a.cr2", "a.jpg", "a.xmp", "a.jpg.xmp"}
    for _ in range(2):
        history.undo(pair.library)
    assert not any(map(any, (confirmed(pair, file) for file in before)))
    told = find_names(pair.library, Source.FILES)
    assert told.problems == ()
    report = take_over(pair.library, told, "files")
    assert (report.names, report.tagged, report.left) == (2, 0, ())
    assert {file: confirmed(pair, file) for file in before} == before
