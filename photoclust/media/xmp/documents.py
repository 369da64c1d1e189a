"""XMP documents as trees: parsed within limits, with the few ways that RDF has to write one thing
made one.
"""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.media.xmp.wide import narrowed

MAX_ELEMENTS = 200_000
MAX_DEPTH = 100

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_LISTS = frozenset(f"{{{RDF}}}{name}" for name in ("Bag", "Seq", "Alt"))
_ITEM, _DESCRIPTION = f"{{{RDF}}}li", f"{{{RDF}}}Description"
_WHITE = b" \t\r\n\0"

Value = str | Element
"""What a property has: text, or an element whose `fields` or `items` it is."""


def parse(document: bytes) -> Element:
    """The root of an XML document. Raises UserError, a clause, where it is damaged, or larger,
    deeper or other than what any program writes.
    """
    # Imported here: only photos with names need it.
    from defusedxml import DefusedXmlException  # noqa: PLC0415
    from defusedxml.ElementTree import DefusedXMLParser  # noqa: PLC0415

    narrow, _ = narrowed(document)
    parser = DefusedXMLParser(target=_LimitedBuilder(), forbid_dtd=True)
    try:
        parser.feed(narrow.strip(_WHITE))
        root = parser.close()
    except DefusedXmlException as error:
        raise UserError(tr("its XML data has parts that may do harm")) from error
    except _TooMuchError as error:
        raise UserError(tr("its XML data has too many or too deep parts")) from error
    except (ParseError, ValueError, LookupError) as error:  # the latter two: odd encodings
        raise UserError(tr("its XML data is damaged")) from error
    if not isinstance(root, Element):
        raise UserError(tr("its XML data is damaged"))
    return root


def properties(root: Element) -> Iterator[tuple[str, Value]]:
    """Every property of every resource in an RDF document: its name, `{namespace}local`."""
    for described in root.iter(f"{{{RDF}}}RDF"):
        for resource in described:
            yield from fields(resource).items()


def fields(element: Element) -> dict[str, Value]:
    """The fields of a structure, written as elements, as attributes or in a `rdf:Description`."""
    found: dict[str, Value] = {
        name: text for name, text in element.attrib.items() if not name.startswith(f"{{{RDF}}}")
    }
    for child in element:
        if child.tag == _DESCRIPTION:
            found |= fields(child)
        else:
            found[child.tag] = child
    return found


def local_fields(value: Value | None) -> dict[str, Value]:
    """As `fields`, by the names without their namespace; empty where `value` is no structure."""
    if not isinstance(value, Element):
        return {}
    return {name.rpartition("}")[2]: field for name, field in fields(value).items()}


def items(value: Value | None) -> list[Element]:
    """The items of a list, of whatever kind."""
    if not isinstance(value, Element):
        return []
    lists = [child for child in value if child.tag in _LISTS] or [value]
    return [item for each in lists for item in each if item.tag == _ITEM]


def text(value: Value | None) -> str:
    """The text of a simple value, of the first of a list of such; empty where there is none."""
    if not isinstance(value, Element):
        return (value or "").strip()
    said = (value.text or "").strip()
    if said or len(value) == 0:
        return said
    return next((text(item) for item in items(value)), "")


class _TooMuchError(Exception):
    """More elements, or more within one another, than is read."""


class _LimitedBuilder(TreeBuilder):
    """A tree of so many elements, so deep, and no more."""

    def __init__(self) -> None:
        super().__init__()
        self._number = self._depth = 0

    def start(self, tag: Any, attrs: Any, /) -> Element:
        self._number += 1
        self._depth += 1
        if self._number > MAX_ELEMENTS or self._depth > MAX_DEPTH:
            raise _TooMuchError
        return super().start(tag, attrs)

    def end(self, tag: Any, /) -> Element:
        self._depth -= 1
        return super().end(tag)
