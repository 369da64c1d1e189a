"""The catalogues of translations: gathered from the code, brought up to date, compiled.

`python packaging/translations.py update` reads all messages of the code into
`resources/locale/photoclust.pot` and each `LANGUAGE/LC_MESSAGES/photoclust.po`, keeps what is
translated, compiles it for the program, and says what is left to be translated;
`python packaging/translations.py compile` only compiles.
"""

import argparse
import io
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LOCALE = ROOT / "resources" / "locale"
TEMPLATE = LOCALE / "photoclust.pot"
KEYWORDS = {"tr": None, "tr_in": ((1, "c"), 2), "tr_n": (2, 3), "marked": None}
_WIDTH = 100
_OF_BABEL = re.compile(rb'"(Generated-By|Report-Msgid-Bugs-To|Last-Translator):.*\n')
_TIMELESS = datetime(2026, 1, 1, tzinfo=UTC)
"""A catalogue is the same whenever it is made."""


def gathered() -> Catalog:
    """All messages of the code."""
    catalogue = Catalog(project="photoclust", creation_date=_TIMELESS, charset="utf-8")
    found = extract_from_dir(
        ROOT / "photoclust",
        [("**.py", "python")],
        keywords=KEYWORDS,
        comment_tags=("Translators:",),
    )
    for file, _, message, comments, context in sorted(found, key=lambda each: each[:2]):
        place = (f"photoclust/{Path(file).as_posix()}", 0)  # lines change too often to be named
        catalogue.add(message, locations=[place], auto_comments=comments, context=context)
    return catalogue


def read(path: Path, language: str | None = None) -> Catalog:
    """The catalogue in `path`."""
    with path.open("rb") as file:
        return read_po(file, locale=language)


def catalogues() -> list[Path]:
    """The files of translators, one a language."""
    return sorted(LOCALE.glob("*/LC_MESSAGES/photoclust.po"))


def updated(path: Path) -> Catalog:
    """The catalogue in `path` with the messages of the code; what is translated stays."""
    catalogue = read(path, path.parents[1].name)
    catalogue.revision_date = _TIMELESS
    catalogue.update(gathered(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def text_of(catalogue: Catalog) -> bytes:
    """`catalogue` as a .po file."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=_WIDTH, sort_output=True, include_lineno=False)
    return _OF_BABEL.sub(b"", buffer.getvalue())


def compiled(catalogue: Catalog) -> bytes:
    """`catalogue` as a .mo file."""
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def contents(catalogue: Catalog) -> dict[object, object]:
    """The messages of `catalogue` with their translations."""
    return {(each.context, _whole(each.id)): _whole(each.string) for each in catalogue if each.id}


def read_compiled(path: Path) -> Catalog:
    """The catalogue in a .mo file."""
    with path.open("rb") as file:
        return read_mo(file)


def untranslated(catalogue: Catalog) -> list[Message]:
    """The messages that a language lacks."""
    return [each for each in catalogue if each.id and not all(_forms(each))]


def _whole(words: str | Sequence[str] | None) -> str | tuple[str, ...]:
    """Forms as a tuple: a compiled catalogue has them in lists."""
    return words if isinstance(words, str) else tuple(words or ())


def _forms(message: Message) -> tuple[str, ...]:
    words = message.string or ""
    return (words,) if isinstance(words, str) else tuple(words)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("update", "compile"))
    what = parser.parse_args().what
    if what == "update":
        TEMPLATE.write_bytes(text_of(gathered()))
    missing = 0
    for path in catalogues():
        catalogue = updated(path) if what == "update" else read(path)
        if what == "update":
            path.write_bytes(text_of(catalogue))
        path.with_suffix(".mo").write_bytes(compiled(catalogue))
        left = untranslated(catalogue)
        missing += len(left)
        print(f"{path.relative_to(ROOT)}: {len(catalogue)} messages, {len(left)} not translated")
        for message in left:
            print(f"  {message.locations[0][0]}: {message.id!r}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
