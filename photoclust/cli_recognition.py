"""The commands that tell who somebody is: `recognize`, `review`, `why` and `doubts` in a library,
`compare` for two photos without one.

As in `cli`, heavy modules are imported inside the commands.
"""

# ruff: noqa: PLC0415 - see above

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photoclust import console
from photoclust.cli_options import (
    DetectorOption,
    JsonOption,
    LibraryOption,
    checked_key,
    deciding_library,
    open_library,
    read_settings,
    say_may_be_one,
)

if TYPE_CHECKING:
    from photoclust.core.types import FaceId, FoundFace
    from photoclust.services.explaining import Candidate, Explanation
    from photoclust.services.recognition import RecognitionReport
    from photoclust.services.reviewing import Review, ReviewQuestion
    from photoclust.services.verifying import Comparison, FacePair

_SURE = 0.9
"""Below this probability the verdict is told with a `probably`."""


def recognize(
    precision: Annotated[
        float | None,
        typer.Option(
            "--precision",
            min=0.5,
            max=1.0,
            help="The share of automatic names that is to be right, this time.",
            show_default="settings",
        ),
    ] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Name faces automatically by those that you named, where that is sure enough.

    Such names are marked as automatic and count as evidence for nothing until you confirm them.
    """
    from photoclust.services import recognition, recognition_reports

    settings = read_settings()
    if precision is not None:
        settings = replace(settings, naming_precision=precision)
    with open_library(library) as opened, console.job() as control:
        report = recognition.recognize(opened, settings, control=control)
    if as_json:
        console.print_document(recognition_reports.recognition(report))
    else:
        _say_recognition(report, library)


def review(
    answer: Annotated[
        str | None,
        typer.Argument(
            metavar="[yes|no|not-sure]", help="The answer to a question.", show_default=False
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Argument(
            metavar="ID",
            callback=checked_key("gf"),
            help="The group (g31) or face (f9) asked about.",
            show_default=False,
        ),
    ] = None,
    *,
    person: Annotated[
        str | None,
        typer.Option(
            "--person",
            metavar="ID",
            callback=checked_key("p"),
            help="Who is asked about (p7).",
            show_default="the likeliest",
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many questions.")] = 10,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the questions whose answers settle most, or answer one: photoclust review yes g31."""
    from photoclust.services import recognition, recognition_reports, reports, reviewing

    if answer is None:
        with open_library(library, look=True) as opened:
            recognizer = recognition.LibraryRecognizer(opened, read_settings())
            found = reviewing.review(recognizer, opened, limit, person)
            paths = reviewing.paths(opened, found)
        if as_json:
            console.print_document(recognition_reports.review(found, paths))
        else:
            _say_review(found, paths)
        return
    acts = {"yes": reviewing.yes, "no": reviewing.no, "not-sure": reviewing.not_sure}
    if answer not in acts:
        raise typer.BadParameter(
            f"{answer!r} is no answer; say yes, no or not-sure", param_hint="yes|no|not-sure"
        )
    if key is None:
        raise typer.BadParameter("say which, such as g31 or f9", param_hint="ID")
    with deciding_library(library, as_json=as_json) as opened:
        done = acts[answer](opened, read_settings(), key, person)
        if as_json:
            console.print_document(reports.changes(done.changes))
        else:
            who = done.name or f"p{done.person}"
            faces = console.count(len(done.changes.faces), "face")
            said = {
                "yes": f"{faces} confirmed as {who}.",
                "no": f"{faces} marked as not {who}.",
                "not-sure": f"Whether {key} is {who} is not asked again for a month.",
            }
            console.say(said[answer])


def why(
    face: Annotated[
        str,
        typer.Argument(
            metavar="FACE", callback=checked_key("f"), help="A face (f9).", show_default=False
        ),
    ],
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell why a face has its name: the confirmed faces it is most like, and the runner-up."""
    from photoclust.services import explaining, recognition_reports
    from photoclust.services.embedding_model import current_model

    with open_library(library, look=True) as opened:
        found = explaining.why(opened, face, current_model(opened, read_settings()))
    if as_json:
        console.print_document(recognition_reports.explanation(found))
    else:
        _say_why(found)


def doubts(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many faces.")] = 20,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """List faces that you confirmed and that look like somebody else, for a second look."""
    from photoclust.services import doubting, recognition_reports

    with open_library(library, look=True) as opened, console.job() as control:
        found = doubting.doubts(opened, read_settings(), limit, control=control)
    if as_json:
        console.print_document(recognition_reports.doubts(found))
        return
    if not found:
        console.say("There is no confirmed face that looks like somebody else.")
        return
    console.table(
        ("Face", "You said", "Doubt", "More like", "Photo"),
        [
            (
                f"f{each.face.id}",
                each.name or f"p{each.face.person}",
                console.percent(each.doubt),
                "nobody known" if each.other is None else each.other_name or f"p{each.other}",
                str(each.face.path or "–"),
            )
            for each in found
        ],
    )
    console.say(
        "photoclust move FACE --to ID says who it is, photoclust reject FACE that it is not them."
    )


def compare(
    photo_a: Annotated[Path, typer.Argument(metavar="A", help="A photo.", show_default=False)],
    photo_b: Annotated[
        Path, typer.Argument(metavar="B", help="Another photo.", show_default=False)
    ],
    *,
    every: Annotated[
        bool,
        typer.Option(
            "--every",
            help="Compare every face of A with every face of B, not only the largest of each.",
        ),
    ] = False,
    detector: DetectorOption = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell whether two photos show the same person, and how sure that is.

    Beforehand, one person and two are taken for equally likely. The exit status is 0 whichever it
    is, and 1 when a photo cannot be read or shows no face.
    """
    from photoclust.services import recognition_reports, verifying

    del library  # the photos need not be in one; the option is there for every command
    settings = read_settings(detector=detector)
    with console.job() as control:
        found = verifying.compare(photo_a, photo_b, settings, control=control)
    if as_json:
        console.print_document(recognition_reports.comparison(found, every=every))
    elif every:
        _say_pairs(found)
    else:
        _say_comparison(found)


def _say_recognition(report: "RecognitionReport", library: Path | None) -> None:
    if not report.people:
        console.say(
            "Nobody is known yet: photoclust people lists groups, photoclust name names one."
        )
        return
    if report.newly_named:
        console.say(
            f"{console.count(len(report.newly_named), 'face')} newly named automatically; "
            f"photoclust undo {report.entry} takes that back."
        )
    if report.no_longer_named:
        faces = console.count(len(report.no_longer_named), "face")
        console.say(f"{faces} no longer named automatically.")
    say_may_be_one(report)
    console.say(
        f"{console.count(report.named, 'face')} named automatically, "
        f"{report.asked:,} to ask about, of {report.faces:,} that you did not name yet."
    )
    offers = "; ".join(f"at {100 * share:g} %, {count:,}" for share, count in report.offers.items())
    if any(report.offers.values()):
        console.say(f"Faces that could be named with so many of the names right: {offers}.")
    if report.answers_left:
        answers = console.count(report.answers_left, "answer")
        console.say(f"{answers} to nearly every face that can have a name.")
    if report.asked:
        console.say_next("review", library)


def _say_review(found: "Review", paths: "Mapping[FaceId, Path | None]") -> None:
    if not found.questions:
        console.say("There is nothing to ask.")
        return
    console.table(
        ("Id", "Question", "Sure", "Photo"),
        [
            (
                each.key,
                _question(each),
                console.percent(each.probability) if each.person is not None else "–",
                str(paths[each.faces[0]] or "–"),
            )
            for each in found.questions
        ],
    )
    more = found.count - len(found.questions)
    if more:
        console.say(f"And {console.count(more, 'more question')}.")
    if found.answers_left:
        answers = console.count(found.answers_left, "answer")
        console.say(f"{answers} to nearly every face that can have a name.")
    console.say(
        "Is this …? is answered with photoclust review yes ID or review no ID, who it is with "
        "photoclust name ID NAME."
    )


def _question(question: "ReviewQuestion") -> str:
    count = len(question.faces)
    if question.person is None:
        return f"Who is this, {console.count(count, 'face')}?"
    who = question.name or f"p{question.person}"
    return f"Is this {who}?" if count == 1 else f"Are these {count:,} faces {who}?"


def _say_why(found: "Explanation") -> None:
    if found.candidate is None:
        console.say("The face has no name, and is like nobody known.")
        return
    who = found.candidate.name or f"p{found.candidate.person}"
    sure = found.candidate.probability
    how_sure = "" if sure is None else f", {console.percent(sure)} sure"
    console.say(
        {
            "confirmed": f"You said that it is {who}.",
            "recognised": f"Recognised as {who}{how_sure}.",
            "taken back": f"You took back the name {who}, which was given automatically{how_sure}.",
            "asked": f"It may be {who}{how_sure}; photoclust review asks.",
            "unlikely": f"Of those who are known it is most like {who}, but hardly them{how_sure}.",
            "group": f"It is in a group that is {who}.",
        }[found.origin]
    )
    rows = _likenesses(found.candidate)
    if found.runner_up is not None:
        rows += _likenesses(found.runner_up)
    if rows:
        console.table(("Most like", "Face", "Similarity", "Photo"), rows)
    if found.runner_up is not None and found.margin is not None:
        other = found.runner_up.name or f"p{found.runner_up.person}"
        console.say(
            f"To all faces of {who} together its similarity is {found.candidate.similarity:.2f}, "
            f"to those of {other}, the runner-up, {found.runner_up.similarity:.2f}."
        )


def _likenesses(candidate: "Candidate") -> list[tuple[str, str, str, str]]:
    name = candidate.name or f"p{candidate.person}"
    return [
        (name, f"f{each.face.id}", f"{each.similarity:.2f}", str(each.face.path or "–"))
        for each in candidate.nearest
    ]


def _say_comparison(found: "Comparison") -> None:
    console.say(
        f"{_verdict(found.main)} (similarity {found.main.similarity:.2f}; from "
        f"{found.threshold:.2f} on two faces are taken for one person)."
    )
    if found.same_picture:
        console.say("Both files hold the same picture.")
        return
    for photo in (found.a, found.b):
        count = len(photo.faces)
        which = "its one face" if count == 1 else f"the largest of {count:,} faces"
        console.say(f"{photo.path}: {which}, {_place(photo.main)}.")
    _explain_unclear([found.main])
    if len(found.pairs) > 1:
        console.say("With --every, every face of one is compared with every face of the other.")


def _say_pairs(found: "Comparison") -> None:
    for letter, photo in (("A", found.a), ("B", found.b)):
        console.say(f"{letter}: {photo.path}, {console.count(len(photo.faces), 'face')}")
    console.table(
        ("Face of A", "Face of B", "Similarity", "Verdict"),
        [
            (_place(pair.a), _place(pair.b), f"{pair.similarity:.2f}", _verdict(pair))
            for pair in found.pairs
        ],
    )
    same = sum(pair.same for pair in found.pairs)
    console.say(
        f"{same:,} of {console.count(len(found.pairs), 'pair')} taken for one person, from a "
        f"similarity of {found.threshold:.2f} on."
    )
    _explain_unclear(found.pairs)


def _verdict(pair: "FacePair") -> str:
    sure = max(pair.probability, 1 - pair.probability)
    words = "the same person" if pair.same else "different people"
    if sure < _SURE:
        words = f"probably {words}"
    more = "more than " if sure > 0.999 else ""
    return f"{words.capitalize()}, {more}{console.percent(sure)} sure"


def _place(face: "FoundFace") -> str:
    from photoclust.services.verifying import is_unclear

    box = face.detection.box
    unclear = ", unclear" if is_unclear(face) else ""
    return f"{box.w:.0f} × {box.h:.0f} px at {box.x:.0f}, {box.y:.0f}{unclear}"


def _explain_unclear(pairs: Sequence["FacePair"]) -> None:
    from photoclust.services.verifying import is_unclear

    if any(is_unclear(pair.a) or is_unclear(pair.b) for pair in pairs):
        console.say(
            "A face that is unclear (small, blurred, turned away) says little of who it is."
        )
