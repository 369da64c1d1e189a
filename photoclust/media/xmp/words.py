"""Names of people in XMP that have no box: people of IPTC, and keywords.

`Iptc4xmpExt:PersonInImage` (IPTC Photo Metadata Standard) names people and nothing else. Keywords
below a keyword for people do as well: `lr:hierarchicalSubject` of Lightroom (`People|Anna`),
`digiKam:TagsList` and `MicrosoftPhoto:LastKeywordXMP` (`People/Anna`), and `mwg-kw:Keywords` of the
Metadata Working Group (Guidelines 2.0, 5.6). A plain keyword (`dc:subject`) may be anything.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from photoclust.core.regions import TaggedName
from photoclust.media.xmp.documents import Value, items, local_fields, properties, text
from photoclust.media.xmp.own import NAMESPACE

MAX_WORDS = 1000
"""No photo has more keywords."""
MAX_LEVELS = 20

ROOTS = frozenset((
    "people", "persons", "personen", "menschen", "personnes", "persone", "personas", "pessoas",
    "mensen", "personer", "osoby", "люди",
))  # fmt: skip
"""Keywords above those of people, in lower case. digiKam makes one that is called `People` in the
language of its user (its `FaceTags::personParentTag`), and is followed by others in that; here is
that word in their languages. A `Family` is not among them: what is below it is as often a feast as
a person.
"""
NOBODY = frozenset((
    "unknown", "unconfirmed", "ignored", "unbekannt", "unbestätigt", "ignoriert", "inconnu",
    "non confirmé", "ignoré",
))  # fmt: skip
"""Keywords below them that digiKam gives faces of which nobody said whose they are."""

_PEOPLE = ("http://iptc.org/std/Iptc4xmpExt/2008-02-29", "PersonInImage")
_PLAIN = ("http://purl.org/dc/elements/1.1", "subject")
_LIGHTROOM = ("http://ns.adobe.com/lightroom/1.0", "hierarchicalSubject")
_DIGIKAM = ("http://www.digikam.org/ns/1.0", "TagsList")
_MICROSOFT = ("http://ns.microsoft.com/photo/1.0", "LastKeywordXMP")
_TREE = ("http://www.metadataworkinggroup.com/schemas/keywords", "Keywords")
"""Namespaces without the slash at their end, which some programs leave out."""
_BARS = {_LIGHTROOM: "|", _DIGIKAM: "/", _MICROSOFT: "/"}
"""What parts the levels of a keyword."""
_WRITTEN = {
    _PEOPLE: "WrittenPeople",
    _PLAIN: "WrittenKeywords",
    _LIGHTROOM: "WrittenHierarchy",
}
"""Where photoclust keeps which words of a list are its own."""


def read_words(root: Element) -> tuple[TaggedName, ...]:
    """The names without a box in an XMP document, each once, the surest first.

    What photoclust wrote itself is left out: it says it better elsewhere in the document.
    """
    told = [(_split(name), value) for name, value in properties(root)]
    kept = {local: value for (space, local), value in told if space == NAMESPACE.rstrip("/")}
    ours = {name: set(_words(kept.get(local))) for name, local in _WRITTEN.items()}
    paths: dict[tuple[str, ...], None] = {}
    plain: dict[str, None] = {}
    people: dict[str, None] = {}
    for name, value in told:
        words = dict.fromkeys(word for word in _words(value) if word not in ours.get(name, ()))
        if name == _PEOPLE:
            people |= words
        elif name == _PLAIN:
            plain |= words
        elif name in _BARS:
            paths |= dict.fromkeys(_path(word, _BARS[name]) for word in words)
        elif name == _TREE:
            paths |= dict.fromkeys(_tree(local_fields(value).get("Hierarchy"), ()))
    named = [TaggedName(word, sure=True) for word in people if word.casefold() not in NOBODY]
    named += _below_people(paths)
    known = {each.name for each in named}
    named += [TaggedName(word, sure=False) for word in plain if word not in known]
    return tuple(named[:MAX_WORDS])


def _below_people(paths: dict[tuple[str, ...], None]) -> Iterator[TaggedName]:
    """The keywords of people: what is below the keyword for people and above no other keyword."""
    groups = {path[:length] for path in paths for length in range(1, len(path))}
    for path in paths:
        if len(path) < 2 or path in groups or path[0].casefold() not in ROOTS:
            continue
        if not NOBODY.isdisjoint(word.casefold() for word in path):
            continue
        yield TaggedName(path[-1], sure=True, groups=path[1:-1])


def _tree(value: Value | None, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The paths of a hierarchy of `mwg-kw:KeywordStruct`, those of groups before what is in them.

    A keyword that is said not to be applied counts for its children alone.
    """
    if len(above) >= MAX_LEVELS:
        return
    for item in items(value)[:MAX_WORDS]:
        node = local_fields(item)
        word = text(node.get("Keyword"))
        if not word:
            continue
        path = (*above, word)
        children = list(_tree(node.get("Children"), path))
        if children or text(node.get("Applied")).casefold() != "false":
            yield path
        yield from children


def _words(value: Value | None) -> list[str]:
    """The texts of a list; one that is written as simple text is one."""
    words = [text(item) for item in items(value)] or [text(value)]
    return [word for word in words[:MAX_WORDS] if word]


def _path(word: str, bar: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in word.split(bar)[:MAX_LEVELS])))


def _split(name: str) -> tuple[str, str]:
    space, _, local = name.lstrip("{").rpartition("}")
    return space.rstrip("/"), local
