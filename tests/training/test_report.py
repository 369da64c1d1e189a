"""The folder of a report: private, complete, in need of nothing from elsewhere."""

import os
import stat
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("matplotlib")

from photoclust.core.errors import InternalError, UserError
from photoclust.training.changes import changed_pairs
from photoclust.training.comparison import compare
from photoclust.training.curves import Curve, Harmonic, Panel, set_curves
from photoclust.training.gate import Sets, Verdict, decide
from photoclust.training.page import percent, points
from photoclust.training.report import Examples, Report, SetReport, write_report

EVIL = "<script>alert('x')</script> & \"Co\""
EMPTY = {"meta", "img", "source", "link", "br"}


class Page(HTMLParser):
    """Tags, the files named and the text of a page; every tag has to be closed."""

    def __init__(self, text):
        super().__init__()
        self.files, self.tags, self.words, self._open = set(), set(), [], []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            assert not name.startswith("on")
            if name in {"src", "srcset", "href"}:
                self.files.add(value)
        if tag not in EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def report(make_faces):
    before, people = make_faces(1, [6] * 8, dimension=32, noise=1.1)
    after, _ = make_faces(1, [6] * 8, dimension=32, noise=0.8)
    compared = compare(
        before,
        after,
        people,
        what="the test",
        generator=np.random.default_rng(0),
        resamples=50,
        grouping=False,
    )
    curves = set_curves(before, after, people)
    steps = np.arange(5.0)
    crops = np.random.default_rng(0).integers(0, 256, (48, 24, 24, 3)).astype(np.uint8)
    return Report(
        decide(Sets(compared, None, compared)),
        (SetReport(f"Trained people {EVIL}", compared, curves),),
        (Panel("loss", (Curve("semi-hard", steps, steps),)),),
        Harmonic(curves.roc_before, curves.roc_after, curves.roc_after),
        Examples(
            changed_pairs(before, after, people, far=0.01),
            crops,
            tuple(EVIL if person == 0 else f"Person {person}" for person in people),
        ),
    )


@pytest.fixture(scope="module")
def written(report, tmp_path_factory):
    """The page of the whole report, written where nothing forbids others to read."""
    before = os.umask(0)
    try:
        return write_report(tmp_path_factory.mktemp("report") / "a" / "b", report)
    finally:
        os.umask(before)


@pytest.fixture(scope="module")
def least(report):
    """A report with nothing but a verdict."""
    return Report(report.verdict, ())


def test_the_page_shows_files_of_its_folder_and_all_of_them(report, written):
    path = written
    page = Page(path.read_text(encoding="utf-8"))
    others = {file.name for file in path.parent.iterdir()} - {path.name}
    assert page.files == others
    assert len(report.examples.rows) > 4
    assert {f"face-{row}.png" for row in report.examples.rows} < others
    for name in others:
        with Image.open(path.parent / name) as picture:
            assert picture.format == "PNG"
            picture.load()
    row = report.examples.rows[0]
    with Image.open(path.parent / f"face-{row}.png") as picture:
        assert np.array_equal(np.asarray(picture), report.examples.crops[row])


def test_nothing_comes_from_elsewhere_and_nothing_runs(written):
    text = written.read_text(encoding="utf-8")
    page = Page(text)
    assert not page.tags & {"script", "link", "iframe", "object", "form", "a"}
    assert "http" not in text
    assert "url(" not in text
    assert "@import" not in text
    assert "prefers-color-scheme: dark" in text


def test_names_are_shown_as_they_are(written):
    text = written.read_text(encoding="utf-8")
    assert "<script" not in text
    assert EVIL in Page(text).text


def test_the_verdict_comes_first_and_the_figures_are_there(report, written):
    text = Page(written.read_text(encoding="utf-8")).text
    assert report.verdict.accepted
    reason = " ".join(report.verdict.reason.split())
    assert text.index("Accepted") < text.index(reason) < text.index("What it rests")
    change = report.sets[0].comparison.changes[0]
    for figure in (change.before.low, change.after.high, change.before.value):
        assert percent(figure) in text
    assert points(change.change.value) in text
    assert text.index("Trained people") < text.index("95 % interval")


def test_a_refused_model_is_refused_in_plain_words(least, tmp_path):
    refused = replace(least, verdict=Verdict(False, "It is worse for strangers."))
    text = Page(write_report(tmp_path / "report", refused).read_text(encoding="utf-8")).text
    assert "Not accepted It is worse for strangers." in text


def test_parts_that_there_are_none_of_are_left_out(least, tmp_path):
    path = write_report(tmp_path / "report", least)
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]
    text = Page(path.read_text(encoding="utf-8")).text
    assert "Examples" not in text
    assert "The training" not in text


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_only_the_owner_can_read_it(written):
    for folder in (written.parent, written.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in written.parent.iterdir()} == {0o600}


def test_nothing_is_overwritten(least, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="is not empty"):
        write_report(tmp_path, least)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_a_folder_that_cannot_be_made_is_an_error_that_says_so(least, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot make the folder"):
        write_report(tmp_path / "file" / "report", least)


def test_a_full_disk_is_an_error_that_says_so(least, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("photoclust.training.report.os.fdopen", full)
    with pytest.raises(UserError, match=r"cannot write the report .*No space left"):
        write_report(tmp_path / "report", least)


def test_every_crop_has_a_name():
    with pytest.raises(InternalError, match="one name"):
        Examples((), np.zeros((2, 4, 4, 3), np.uint8), ("Anna",))


@pytest.mark.parametrize(
    ("change", "text"), [(0.0123, "+1.23"), (-0.002, "−0.20"), (0.0, "±0.00"), (-1e-6, "±0.00")]
)
def test_points_have_a_sign(change, text):
    assert points(change) == text
