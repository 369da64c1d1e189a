"""What the Review page says."""

from photoclust.gui import text
from photoclust.services.questions import FaceQuestion, Kind, Questions, Side

NOBODY = "somebody without a name"
_SURE = (
    (0.95, "Almost certainly"),
    (0.8, "Very likely"),
    (0.6, "Probably"),
    (0.4, "Perhaps"),
    (0.0, "Unlikely"),
)


def heading(question: FaceQuestion) -> str:
    """The question; `{name}` stands for who they may be."""
    several = question.count > 1
    match question.kind:
        case Kind.WHO:
            return "Who are they?" if several else "Who is this?"
        case Kind.DOUBT:
            return "Is this really {name}?"
        case _:
            return "Are they {name}?" if several else "Is this {name}?"


def likely(probability: float | None) -> str:
    """`Very likely (86 %)`"""
    if probability is None:
        return ""
    words = next(words for least, words in _SURE if probability >= least)
    return f"{words} ({whole_percent(probability)})"


def alike(similarity: float | None) -> str:
    """`83 % alike`; what is less alike than nothing in common is 0."""
    return "" if similarity is None else f"{whole_percent(max(similarity, 0.0))} alike"


def whole_percent(share: float) -> str:
    """`83 %`; never 100 % for what is less."""
    return f"{min(round(100 * share), 99 if share < 1 else 100)} %"


def progress(found: Questions, answered: int) -> str:
    """How many answers are left after so many since `found` was read."""
    left = found.answers_left - answered
    if found.share is None or not found.count:
        return ""
    if found.answers_left == 0:
        return "95 % named"
    return f"{text.count(max(left, 1), 'answer')} to 95 % named"


def named_now(share: float) -> str:
    """`62 % named now`"""
    return f"{whole_percent(share)} of the faces that can have a name have one"


def size_of(side: Side) -> str:
    """`12 faces`"""
    return text.count(side.count, "face")


def not_written(messages: list[str]) -> str:
    """Why answers could not be written down."""
    if len(messages) == 1:
        return messages[0]
    return f"{len(messages)} answers could not be written, and are asked again: {messages[-1]}"
