"""Properties of an XMP packet, and edits of them that leave everything around them as it is.

XMP is a subset of RDF/XML (ISO 16684-1, 7): a field of a structure is an attribute or an element, a
structure stands in an `rdf:Description`, in an element with `rdf:parseType="Resource"`, or in the
attributes of an element; an array is an `rdf:Bag`, `rdf:Seq` or `rdf:Alt`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from photoclust.core.language import tr
from photoclust.media.xmp.spans import (
    RDF,
    Element,
    Name,
    PacketError,
    Splice,
    declared,
    escaped,
    lead,
    parse,
    quoted,
    spliced,
)

DESCRIPTION = (RDF, "Description")
ITEM = (RDF, "li")
ABOUT = (RDF, "about")
_ARRAYS = frozenset(((RDF, "Bag"), (RDF, "Seq"), (RDF, "Alt")))
_PARSE_TYPE = (RDF, "parseType")
_NEW = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="photoclust">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
"""
"""A packet without any property, as ISO 16684-1, 7.3 wraps it."""


@dataclass(slots=True)
class Structure:
    """The fields of a structure; `holder` is the element in which or at which they stand."""

    holder: Element
    takes_elements: bool

    def get(self, name: Name) -> str | None:
        """A field of simple text; None where it is not there."""
        if name in self.holder.attributes:
            return self.holder.attributes[name]
        found = self.holder.find(name)
        if found is None:
            return None
        value = found.find((RDF, "value"))  # with qualifiers
        return (found if value is None else value).text

    def inner(self, name: Name) -> "Structure | None":
        """A field that is a structure itself."""
        found = self.holder.find(name)
        return None if found is None else structure(found)

    def fields(self) -> dict[Name, str]:
        """All its fields of simple text."""
        names = [*self.holder.attributes, *(child.name for child in self.holder.children)]
        return {name: self.get(name) or "" for name in names if name[0] not in {"", RDF}}


def structure(element: Element) -> Structure:
    """What stands in `element`, a property or an item, as a structure."""
    inside = element.find(DESCRIPTION)
    if inside is not None:
        return Structure(inside, takes_elements=True)
    return Structure(element, element.attributes.get(_PARSE_TYPE) == "Resource")


def items(element: Element | None) -> list[Element]:
    """The items of the array that a property holds."""
    array = None if element is None else _array(element)
    return [] if array is None else [child for child in array.children if child.name == ITEM]


def _array(element: Element) -> Element | None:
    return next((child for child in element.children if child.name in _ARRAYS), None)


@dataclass(slots=True)
class Packet:
    """The packet `data` and what is to be changed in it; `finished` makes it so.

    Raises PacketError when it cannot be changed safely; `data` may be empty: a new one begins.
    """

    data: bytes
    _splices: list[Splice] = field(default_factory=list)
    _fresh: list[str] = field(default_factory=list)
    _uses: dict[str, str] = field(default_factory=dict)
    _root: Element = field(init=False)
    _descriptions: list[Element] = field(init=False)
    _rdf: Element = field(init=False)

    def __post_init__(self) -> None:
        if not self.data:
            self.data = _NEW.encode()
        self._root = parse(self.data)
        found = [each for each in self._root.walk() if each.name == (RDF, "RDF")]
        if len(found) != 1:
            raise PacketError(tr("it is damaged or no XMP"))
        self._rdf = found[0]
        self._descriptions = [
            each
            for each in self._rdf.children
            if each.name == DESCRIPTION and not each.text.strip()
        ]
        if len(self._descriptions) != len(self._rdf.children):
            raise PacketError(tr("it holds what XMP does not know"))
        abouts = {self._about_of(each) for each in self._descriptions} - {""}
        if len(abouts) > 1:
            raise PacketError(tr("it speaks of several pictures"))

    def property(self, name: Name) -> Element | None:
        """A property that is an element. Raises PacketError for one that is there twice, or is an
        attribute where it should be an array or a structure.
        """
        found = [each for part in self._descriptions for each in part.children if each.name == name]
        if len(found) > 1 or any(name in each.attributes for each in self._descriptions):
            raise PacketError(tr("it holds {name} in a way that XMP does not know", name=name[1]))
        return found[0] if found else None

    def texts(self, name: Name) -> list[str]:
        """The items of an array of texts."""
        return [structure_text(each) for each in items(self.property(name))]

    def set_property(
        self, name: Name, write: Callable[[str], str] | None, uses: Mapping[str, str]
    ) -> None:
        """Let a property be what `write` gives, which gets the declarations to put into its first
        tag; None takes it out. `uses` are the namespaces that it needs, by prefix.
        """
        present = self.property(name)
        if present is None:
            if write is not None:
                self._fresh.append(write(""))
                self._uses |= dict(uses)
            return
        if write is None:
            self._splices.append((lead(self.data, present), present.end, b""))
            return
        new = write(declared(present.scope, {"rdf": RDF, **uses})).encode()
        if self.data[present.start : present.end] != new:
            self._splices.append((present.start, present.end, new))

    def edit_array(
        self,
        element: Element,
        remove: Iterable[Element],
        add: Sequence[Callable[[str], str]],
        uses: Mapping[str, str],
    ) -> bool:
        """Take items out of the array in `element` and put others behind the rest; `add` are given
        the declarations for the tag of an item. False where this array takes none.
        """
        array = _array(element)
        if array is None or array.is_empty_tag:
            return not add
        present = [child for child in array.children if child.name == ITEM]
        for item in remove:
            self._splices.append((lead(self.data, item), item.end, b""))
        at = present[-1].end if present else array.inner
        space = self.data[lead(self.data, present[0]) : present[0].start] if present else b""
        needed = declared(array.scope, {"rdf": RDF, **uses})
        for write in add:
            self._splices.append((at, at, space + write(needed).encode()))
        return True

    def set_text(self, inside: Structure, name: Name, prefix: str, text: str) -> None:
        """Let a field of simple text be `text`."""
        holder = inside.holder
        uses = {prefix: name[0]}
        needed = declared(holder.scope, uses)
        if name in holder.places:
            start, end = holder.places[name]
            key = self.data[start:end].partition(b"=")[0].rstrip()
            self._splices.append((start, end, key + b"=" + quoted(text).encode()))
            return
        present = holder.find(name)
        if present is None and (holder.is_empty_tag or not inside.takes_elements):
            at = holder.inner - (2 if holder.is_empty_tag else 1)
            new = f"{needed} {prefix}:{name[1]}={quoted(text)}"
            self._splices.append((at, at, new.encode()))
            return
        tag = f"{prefix}:{name[1]}"
        self._put(inside, present, f"<{tag}{needed}>{escaped(text)}</{tag}>")

    def set_structure(
        self, inside: Structure, name: Name, write: Callable[[str], str], uses: Mapping[str, str]
    ) -> bool:
        """As `set_property`, for a field of a structure; False where it cannot hold one."""
        if not inside.takes_elements or name in inside.holder.attributes:
            return False
        new = write(declared(inside.holder.scope, uses))
        self._put(inside, inside.holder.find(name), new)
        return True

    def remove_field(self, inside: Structure, name: Name) -> None:
        """Take a field out of a structure, if it is there."""
        if name in inside.holder.places:
            start, end = inside.holder.places[name]
            while self.data[start - 1] in b" \t\r\n":
                start -= 1
            self._splices.append((start, end, b""))
        present = inside.holder.find(name)
        if present is not None:
            self._splices.append((lead(self.data, present), present.end, b""))

    def raw(self, element: Element) -> str:
        """An element as it is written."""
        return self.data[element.start : element.end].decode()

    def finished(self) -> bytes:
        """The packet with all edits, parsed once more: what cannot be read is never written."""
        if self._fresh:
            self._splices.append(self._fresh_block())
        if not self._splices:
            return self.data
        made = spliced(self.data, self._splices)
        parse(made)
        return made

    def _put(self, inside: Structure, present: Element | None, new: str) -> None:
        holder = inside.holder
        if present is not None:
            self._splices.append((present.start, present.end, new.encode()))
        elif holder.is_empty_tag:
            self._splices.append((holder.end - 2, holder.end, f">{new}</{holder.tag}>".encode()))
        else:
            last = holder.children[-1] if holder.children else None
            at = holder.inner if last is None else last.end
            space = b"" if last is None else self.data[lead(self.data, last) : last.start]
            self._splices.append((at, at, space + new.encode()))

    def _fresh_block(self) -> Splice:
        about = next(filter(None, map(self._about_of, self._descriptions)), "")
        uses = declared(self._rdf.scope, {"rdf": RDF, **self._uses})
        uses = uses.replace(" xmlns:", "\n    xmlns:")
        inside = "".join(f"\n   {each}" for each in self._fresh)
        block = (
            f"\n  <rdf:Description rdf:about={quoted(about)}{uses}>{inside}\n  </rdf:Description>"
        )
        if self._rdf.is_empty_tag:
            new = f">{block}\n </{self._rdf.tag}>"
            return self._rdf.end - 2, self._rdf.end, new.encode()
        last = self._descriptions[-1] if self._descriptions else None
        at = self._rdf.inner if last is None else last.end
        return at, at, block.encode()

    @staticmethod
    def _about_of(description: Element) -> str:
        return description.attributes.get(ABOUT) or description.attributes.get(("", "about"), "")


def structure_text(item: Element) -> str:
    """The text of an item, also where it has qualifiers."""
    inside = structure(item)
    value = inside.holder.find((RDF, "value"))
    return item.text if value is None else value.text
