"""The user guide: a Markdown file for each topic and language, in `resources/help`.

The first line of a file is its title; a line `<!-- also: … -->` lists other words, such as the
names of commands, by which `find` knows the topic. Links lead to other topics only:
`[title](naming.md)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from photoclust.core.errors import UserError
from photoclust.core.folding import fold
from photoclust.core.language import CODE, tr
from photoclust.core.paths import resource

TOPICS = (
    *("scanning", "naming", "review", "searching", "photos", "correcting", "lookalikes"),
    *("drives", "programs", "sharing", "backup", "privacy", "training", "models", "speed"),
    *("settings", "keys", "commands", "trouble"),
)
"""Every topic, in the order in which they are listed: the names of the files without `.md`."""
_ALSO = re.compile(r"^<!-- also: (.*?) -->\n", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\(([a-z-]+)\.md\)")
_MARKS = re.compile(r"\*\*|`|^#+ |^[-*] |^\d+\. |\\(?=\|)", re.MULTILINE)
_RULE = re.compile(r"[-:| ]+")
_EXCERPT = 76
"""Characters of an excerpt, about."""
_NEAR = 0.7
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Topic:
    """`text` is Markdown, with the title as its first heading; `also` are other words for it."""

    name: str
    title: str
    text: str
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A topic in which all words were found, and a line of it that holds some of them; no line
    where only the title does.
    """

    topic: Topic
    excerpt: str


def topics(language: str) -> tuple[Topic, ...]:
    """All topics in `language`, in English where there are none in it."""
    return tuple(_read(language, name) for name in TOPICS)


def read(language: str, name: str) -> Topic:
    """The topic `name`, one of TOPICS."""
    if name not in TOPICS:
        raise ValueError(name)
    return _read(language, name)


def find(language: str, wanted: str) -> Topic:
    """The topic that `wanted` means: its name, its title, another word for it, or the beginning of
    only one of these; in any case, with accents or without.

    Raises UserError where there is none; it names those that are nearest.
    """
    known = {word: topic for topic in reversed(topics(language)) for word in _words(topic)}
    word = fold(" ".join(wanted.split()))
    if word in known:
        return known[word]
    begun = {topic.name: topic for each, topic in known.items() if word and each.startswith(word)}
    if len(begun) == 1:
        return next(iter(begun.values()))
    if not (near := nearest(language, wanted)):
        raise UserError(
            tr("the guide has no topic {topic!r}; photoclust help lists all of them", topic=wanted)
        )
    raise UserError(
        tr(
            "the guide has no topic {topic!r}; try photoclust help {nearest}",
            topic=wanted,
            nearest=", ".join(near),
        )
    )


def nearest(language: str, wanted: str) -> list[str]:
    """The names of the topics that are most likely meant by `wanted`: of those whose words are
    spelt alike, else of those in which it is found. Empty where there are none.
    """
    word = fold(wanted.strip())
    known = [(each, topic.name) for topic in topics(language) for each in _words(topic)]
    begun = [name for each, name in known if word and each.startswith(word)]
    alike = get_close_matches(word, [each for each, _ in known], 2 * _NEAREST, _NEAR)
    spelt = [name for close in alike for each, name in known if each == close]
    said = [] if begun or spelt else [hit.topic.name for hit in search(language, wanted)]
    return list(dict.fromkeys((*begun, *spelt, *said)))[:_NEAREST]


def search(language: str, words: str) -> list[Hit]:
    """The topics in which all `words` are found, also inside of other words; those that have them
    in the title first. Empty for no words.
    """
    wanted = fold(words).split()
    found = []
    for topic in topics(language) if wanted else ():
        title, text = fold(topic.title), fold(_plain(topic.text))
        also = " ".join(map(fold, topic.also))
        if all(word in text or word in also for word in wanted):
            in_title = sum(word in title for word in wanted)
            named = sum(word in also or word == topic.name for word in wanted)
            often = sum(text.count(word) for word in wanted)
            found.append((-in_title, -named, -often, Hit(topic, _excerpt(topic, wanted))))
    return [hit for *_, hit in sorted(found, key=lambda each: each[:3])]


def places(text: str, words: str) -> list[tuple[int, int]]:
    """Where each of `words` stands in `text`: beginnings and lengths in characters of `text`,
    whatever the case and the accents, in the order of the text.
    """
    folded, origins = [], []
    for place, letter in enumerate(text):
        alike = fold(letter)
        folded.append(alike)
        origins += [place] * len(alike)
    plain = "".join(folded)
    return sorted(
        (origins[found.start()], origins[found.end() - 1] + 1 - origins[found.start()])
        for word in dict.fromkeys(fold(words).split())
        for found in re.finditer(re.escape(word), plain)
    )


def for_terminal(topic: Topic) -> str:
    """Its Markdown for where nothing can be clicked: a link tells the command that leads there."""
    return _LINK.sub(r"\1 (`photoclust help \2`)", topic.text)


def links(topic: Topic) -> list[str]:
    """The names of the topics that it links to."""
    return [name for _, name in _LINK.findall(topic.text)]


@cache
def _read(language: str, name: str) -> Topic:
    folder = resource("help")
    path = folder / language / f"{name}.md"
    if not path.exists():
        path = folder / CODE / f"{name}.md"
    text = path.read_text(encoding="utf-8")
    also = tuple(word.strip() for line in _ALSO.findall(text) for word in line.split(","))
    title = text.partition("\n")[0].removeprefix("# ")
    without = re.sub(r"^<!--.*?-->\n+", "", text, flags=re.MULTILINE)
    return Topic(name, title, without.strip() + "\n", also)


def _words(topic: Topic) -> Iterator[str]:
    yield from map(fold, (topic.name, topic.title, *topic.also))


def _plain(text: str) -> str:
    """Markdown without its marks."""
    return _MARKS.sub("", _LINK.sub(r"\1", text))


def _excerpt(topic: Topic, wanted: Sequence[str]) -> str:
    """The part of the text that holds most of `wanted`, cut around the first of them."""
    parts = [_joined(part) for part in _parts(topic.text)]
    best = max(parts, key=lambda part: sum(word in fold(part) for word in wanted), default="")
    found = places(best, " ".join(wanted))
    if not found:
        return ""
    start = max(0, found[0][0] - _EXCERPT // 3)
    start = best.rfind(" ", 0, start) + 1 if start else 0
    end = start + _EXCERPT
    if end < len(best):
        end = best.rfind(" ", start, end)
    return f"{'… ' if start else ''}{best[start:end]}{' …' if end < len(best) else ''}"


def _parts(text: str) -> Iterator[str]:
    """Paragraphs, points of lists and rows of tables."""
    for block in text.split("\n\n")[1:]:
        if block.startswith("#"):
            continue
        if block.startswith("|"):
            rows = block.splitlines()
            yield from (row.strip("| ") for row in rows if not _RULE.fullmatch(row))
        else:
            yield from re.split(r"\n(?=- |\d+\. )", block)


def _joined(part: str) -> str:
    return " ".join(_plain(part).replace(" | ", ": ").split())
