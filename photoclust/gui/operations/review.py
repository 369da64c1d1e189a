"""Questions of the Review page, their answers, and other groupings. As in `gui.library`, what is
needed is imported when it is called.
"""

# ruff: noqa: PLC0415 - see above

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import TYPE_CHECKING

from photoclust.core.language import tr_n
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import Box, EntryId, EntryStatus, Face, FaceId
from photoclust.gui.library import OpenLibrary
from photoclust.gui.operations.acts import Acted
from photoclust.services.questions import FaceQuestion, PairQuestion, Questions, Reply

if TYPE_CHECKING:
    from photoclust.services.history import History
    from photoclust.services.proposing import Proposal
    from photoclust.services.replying import Replied

ASKED_AT_ONCE = 40
"""So many questions are fetched together with what there is to see of them."""
ASKED_AT_FIRST = 8
"""So many are asked until those are fetched for the first time."""


class Mode(StrEnum):
    """Who faces are; which groups are one person; which confirmed faces look out of place."""

    WHO = "who"
    ONE_PERSON = "one person"
    DOUBTFUL = "doubtful"


def questions(
    library: OpenLibrary, mode: Mode, settings: Settings, control: JobControl
) -> Questions:
    """What is best asked next; in the lane of recognition."""
    from photoclust.services import asking

    ask = {
        Mode.WHO: asking.who,
        Mode.ONE_PERSON: asking.one_person,
        Mode.DOUBTFUL: asking.doubtful,
    }[mode]
    return ask(library.recognizer(settings), library.opened, ASKED_AT_ONCE, control=control)


def kept_questions(library: OpenLibrary, settings: Settings) -> tuple[FaceQuestion, ...]:
    """Who faces are, by what was found the last time: there in a moment, and a few only; none where
    all faces were judged since. In the lane of recognition.
    """
    from photoclust.services import kept_questions as kept

    if library.has_recognizer:
        return ()
    return kept.who(library.opened, settings, ASKED_AT_FIRST)


def reply(library: OpenLibrary, question: FaceQuestion | PairQuestion, said: Reply) -> Replied:
    """Write an answer down. Raises as `services.replying`."""
    from photoclust.services import replying

    return replying.reply(library.opened, question, said)


def propose(library: OpenLibrary, settings: Settings, control: JobControl) -> Proposal:
    """Group all faces anew, and tell what would change; nothing does."""
    from photoclust.services import embedding_model, proposing

    return proposing.propose(
        library.opened,
        method=settings.grouping_method,
        model=embedding_model.current_model(library.opened, settings),
        control=control,
    )


def proposal(library: OpenLibrary, number: int) -> Proposal:
    """What a proposal would change as things are now."""
    from photoclust.services import proposing

    return proposing.tell(library.opened, number)


def accept(library: OpenLibrary, number: int, faces: Collection[FaceId]) -> Acted:
    """Make a proposal true for `faces`."""
    from photoclust.services import proposing

    accepted = proposing.accept(library.opened, number, faces)
    told = tr_n(
        len(accepted.difference.faces),
        "{n} face moved to better groups.",
        "{n} faces moved to better groups.",
    )
    return Acted(accepted.changes, told, accepted.entry)


def take_back(library: OpenLibrary, entry: EntryId) -> History | None:
    """Undo what was accepted; None where that is undone already."""
    from photoclust.services import history

    for found in history.entries(library.opened, limit=1, before=EntryId(entry + 1)):
        if found.status is EntryStatus.UNDONE:
            return None
    return history.undo(library.opened, entry)


def place_in_closeup(library: OpenLibrary, face: FaceId) -> Box | None:
    """Where in its close-up a face is, in parts of its side; None where it is the only one."""
    from photoclust.services import pictures

    return pictures.place_in_closeup(library.opened, face)


def faces_by_id(library: OpenLibrary, ids: Collection[FaceId]) -> list[Face]:
    """These faces, in the order of their ids."""
    from photoclust.services import browse

    return browse.faces_by_id(library.opened, sorted(ids))
