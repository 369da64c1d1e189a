"""An XMP packet as a tree that knows where each element stands, so that parts of it can be changed
while every other byte stays.

XML that a program may have written years ago is not written anew: other programs keep what they
like in it, and some rely on how it is laid out.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from photoclust.core.errors import UserError
from photoclust.core.language import tr

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
MAX_BYTES = 64 * 2**20
"""The masks of a raw developer take a few megabytes; nothing reasonable is larger."""
MAX_DEPTH = 200
MAX_ELEMENTS = 500_000
_XML = "http://www.w3.org/XML/1998/namespace"
_ATTRIBUTE = re.compile(rb"""([^\s=<>"'/]+)\s*=\s*("[^"]*"|'[^']*')""")
_START_TAG = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")

Name = tuple[str, str]
"""Namespace and local name."""
Splice = tuple[int, int, bytes]
"""What takes the place of the bytes from one offset to before another."""


class PacketError(UserError):
    """A packet that is damaged, or not of a kind that can be changed; a clause fit to be shown."""


@dataclass(slots=True, eq=False)
class Element:
    """An element: `start` to `end` is all of it, `inner` to `close` what is in it. `scope` maps the
    prefixes that hold in it to namespaces.
    """

    name: Name
    tag: str
    start: int
    inner: int
    scope: Mapping[str, str]
    attributes: dict[Name, str]
    places: dict[Name, tuple[int, int]]
    children: list["Element"] = field(default_factory=list)
    text: str = ""
    close: int = 0
    end: int = 0

    @property
    def is_empty_tag(self) -> bool:
        """Whether it is written as one tag."""
        return self.inner == self.end

    def find(self, name: Name) -> "Element | None":
        """Its first child of this name."""
        return next((child for child in self.children if child.name == name), None)

    def walk(self) -> Iterator["Element"]:
        """It and everything in it."""
        pending = [self]
        while pending:
            element = pending.pop()
            yield element
            pending += element.children


def parse(data: bytes) -> Element:
    """The root of the XML document `data`. Raises PacketError where it is none that can be kept
    byte for byte: damaged, not UTF-8, with a document type, or absurdly large.
    """
    if len(data) > MAX_BYTES:
        raise PacketError(tr("it is larger than {size} MB", size=MAX_BYTES // 2**20))
    encoding = _ENCODING.match(data.removeprefix(b"\xef\xbb\xbf"))
    if data[:2] in (b"\xff\xfe", b"\xfe\xff", b"\0<", b"<\0") or (
        encoding and encoding[1].lower() not in (b"utf-8", b"utf8", b"us-ascii")
    ):
        raise PacketError(tr("it is not written in UTF-8"))
    try:
        return _Parser(data).root()
    except (expat.ExpatError, UnicodeError, ValueError) as error:
        raise PacketError(tr("it is damaged or no XMP")) from error


class _Parser:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._open: list[Element] = []
        self._texts: list[list[str]] = []
        self._root: Element | None = None
        self._count = 0
        self._expat = expat.ParserCreate("utf-8")
        self._expat.buffer_text = True
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._characters
        self._expat.StartDoctypeDeclHandler = self._refuse

    def root(self) -> Element:
        self._expat.Parse(self._data, True)
        if self._root is None:
            raise ValueError("no element")
        return self._root

    def _refuse(self, *_: object) -> None:
        raise ValueError("a document type")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._open) >= MAX_DEPTH:
            raise ValueError("too much of it")
        start = self._expat.CurrentByteIndex
        found = _START_TAG.match(self._data, start)
        if found is None:
            raise ValueError("no tag")
        above: Mapping[str, str] = self._open[-1].scope if self._open else {"xml": _XML}
        declared = {
            "" if key == "xmlns" else key[6:]: value
            for key, value in attributes.items()
            if key == "xmlns" or key.startswith("xmlns:")
        }
        scope = {**above, **declared} if declared else above
        spans = {key.decode(): span for key, span in _attribute_spans(found[0], start)}
        named: dict[Name, str] = {}
        places: dict[Name, tuple[int, int]] = {}
        for key, value in attributes.items():
            if key == "xmlns" or key.startswith("xmlns:"):
                continue
            # An attribute without a prefix is in no namespace; RDF takes `about` for rdf:about.
            name = _resolve(key, scope) if ":" in key else ("", key)
            named[name] = value
            places[name] = spans[key]
        element = Element(
            _resolve(tag, scope), tag, start, start + len(found[0]), scope, named, places
        )
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)
        self._texts.append([])

    def _end(self, _tag: str) -> None:
        element = self._open.pop()
        element.text = "".join(self._texts.pop())
        if self._data[element.inner - 2 : element.inner] == b"/>":
            element.close = element.end = element.inner
            return
        element.close = self._expat.CurrentByteIndex
        element.end = self._data.index(b">", element.close) + 1

    def _characters(self, text: str) -> None:
        if self._texts:
            self._texts[-1].append(text)


def _attribute_spans(tag: bytes, start: int) -> Iterator[tuple[bytes, tuple[int, int]]]:
    for found in _ATTRIBUTE.finditer(tag):
        yield found[1], (start + found.start(), start + found.end())


def _resolve(tag: str, scope: Mapping[str, str]) -> Name:
    prefix, _, local = tag.rpartition(":")
    if prefix and prefix not in scope:
        raise ValueError("an unknown prefix")
    return scope.get(prefix, ""), local


def spliced(data: bytes, splices: Iterable[Splice]) -> bytes:
    """`data` with some of its bytes changed; of two splices at one place the first comes first."""
    parts, at = [], 0
    for start, end, new in sorted(splices, key=lambda each: each[:2]):
        parts += [data[at:start], new]
        at = end
    return b"".join((*parts, data[at:]))


def lead(data: bytes, element: Element) -> int:
    """Where the white space before `element` begins."""
    at = element.start
    while at and data[at - 1] in b" \t\r\n":
        at -= 1
    return at


def declared(scope: Mapping[str, str], namespaces: Mapping[str, str]) -> str:
    """The declarations that are needed where `scope` holds, with a space before each."""
    return "".join(
        f" xmlns:{prefix}={quoted(uri)}"
        for prefix, uri in namespaces.items()
        if scope.get(prefix) != uri
    )


def quoted(text: str) -> str:
    """`text` as the value of an attribute, with its quotation marks."""
    return quoteattr(_NOT_XML.sub("", text))


def escaped(text: str) -> str:
    """`text` as the content of an element."""
    return escape(_NOT_XML.sub("", text))
