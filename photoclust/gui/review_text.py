"""What the Review page says."""

from photoclust.core.language import marked, tr, tr_n
from photoclust.gui import text
from photoclust.services.questions import FaceQuestion, Kind, Questions, Side

NOBODY = marked("somebody without a name")
_SURE = (
    (0.95, marked("Almost certainly")),
    (0.8, marked("Very likely")),
    (0.6, marked("Probably")),
    (0.4, marked("Perhaps")),
    (0.0, marked("Unlikely")),
)


def heading(question: FaceQuestion) -> str:
    """The question; `{name}` stands for who they may be."""
    several = question.count > 1
    match question.kind:
        case Kind.WHO:
            return tr("Who are they?") if several else tr("Who is this?")
        case Kind.DOUBT:
            return tr("Is this really {name}?")
        case _:
            return tr("Are they {name}?") if several else tr("Is this {name}?")


def likely(probability: float | None) -> str:
    """`Very likely (86 %)`"""
    if probability is None:
        return ""
    words = next(words for least, words in _SURE if probability >= least)
    return f"{tr(words)} ({whole_percent(probability)})"


def alike(similarity: float | None) -> str:
    """`83 % alike`; what is less alike than nothing in common is 0."""
    if similarity is None:
        return ""
    return tr("{share} alike", share=whole_percent(max(similarity, 0.0)))


def whole_percent(share: float) -> str:
    """`83 %`; never 100 % for what is less."""
    return f"{min(round(100 * share), 99 if share < 1 else 100)} %"


def progress(found: Questions, answered: int) -> str:
    """How many answers are left after so many since `found` was read."""
    left = found.answers_left - answered
    if found.share is None or not found.count:
        return ""
    if found.answers_left == 0:
        return tr("95 % named")
    return tr_n(max(left, 1), "{n} answer to 95 % named", "{n} answers to 95 % named")


def named_now(share: float) -> str:
    """`62 % named now`"""
    return tr("{share} of the faces that can have a name have one", share=whole_percent(share))


def size_of(side: Side) -> str:
    """`12 faces`"""
    return text.faces(side.count)


def not_written(messages: list[str]) -> str:
    """Why answers could not be written down."""
    if len(messages) == 1:
        return messages[0]
    return tr_n(
        len(messages),
        "{n} answer could not be written, and is asked again: {message}",
        "{n} answers could not be written, and are asked again: {message}",
        message=messages[-1],
    )
