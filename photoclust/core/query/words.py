"""The words that mean something in a search: those of the code, which are understood everywhere so
that searches can be passed on, and those of the language that is spoken.

Everything else knows them by the word of the code.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from photoclust.core.language import current, tr_in

KEYS = ("year", "before", "after", "only", "faces", "quality", "folder", "file")
"""Words that mean something with a colon behind them."""
UNNAMED, AND, OR = "unnamed", "and", "or"
_BETWEEN = "|"


def said(word: str) -> str:
    """`word` of the code as it is said in the language that is spoken."""
    return _spoken()[word][0]


def ways_to_say(word: str) -> tuple[str, ...]:
    """All words that mean `word` of the code in the language that is spoken, the best one first; in
    the end itself.
    """
    return tuple(dict.fromkeys((*_spoken()[word], word)))


def key_of(word: str) -> str | None:
    """The key that `word`, in small letters, is for; None where it is none."""
    return _meanings(current()).keys.get(word)


def meaning_of(words: str) -> str:
    """What `words`, in small letters, mean by themselves: UNNAMED, AND or OR; else they are given
    back.
    """
    return _meanings(current()).others.get(" ".join(words.split()), words)


def phrase_at(text: str, place: int, ends: str) -> int | None:
    """Where the several words from `place` on end that mean one thing; None where there are none.
    A word ends where space or one of `ends` follows.
    """
    for phrase in _meanings(current()).phrases:
        found = phrase.match(text, place)
        if found and (
            found.end() == len(text) or text[found.end()] in ends or text[found.end()].isspace()
        ):
            return found.end()
    return None


@dataclass(frozen=True, slots=True)
class _Meanings:
    keys: Mapping[str, str]
    others: Mapping[str, str]
    phrases: tuple[re.Pattern[str], ...]


@cache
def _meanings(language: str) -> _Meanings:
    """What the words of the code and of the language mean, which is spoken."""
    spoken = {word: (*_spoken()[word], word) for word in (*KEYS, UNNAMED, AND, OR)}
    means = {each.casefold(): word for word, ways in spoken.items() for each in ways}
    means |= {word: word for word in spoken}  # in whatever language another means something else
    return _Meanings(
        {each: word for each, word in means.items() if word in KEYS},
        {each: word for each, word in means.items() if word not in KEYS},
        tuple(
            re.compile(r"\s+".join(map(re.escape, each.split())), re.IGNORECASE)
            for each in means
            if " " in each
        ),
    )


def _spoken() -> dict[str, list[str]]:
    # Translators: several words for one thing have | between them; the first of them is offered.
    words = {
        "year": tr_in("search", "year"),
        "before": tr_in("search", "before"),
        "after": tr_in("search", "after"),
        "only": tr_in("search", "only"),
        "faces": tr_in("search", "faces"),
        "quality": tr_in("search", "quality"),
        "folder": tr_in("search", "folder"),
        "file": tr_in("search", "file"),
        UNNAMED: tr_in("search", "unnamed"),
        AND: tr_in("search", "and"),
        OR: tr_in("search", "or"),
    }
    return {word: ways.split(_BETWEEN) for word, ways in words.items()}
