"""Names of people: how they are kept, and when two spellings are the same name."""

import hashlib
import unicodedata

from photoclust.core.errors import UserError
from photoclust.core.language import tr

MAX_NAME_LENGTH = 200
_INVISIBLE = {"Cf", "Zs"}
"""Unicode categories of joiners and direction marks, and of spaces."""


def clean_name(name: str) -> str:
    """`name` as it is kept: NFC, one space between words, no control characters.

    Raises UserError when nothing visible is left or it is longer than MAX_NAME_LENGTH characters.
    """
    visible = "".join(
        " " if char.isspace() else char
        for char in unicodedata.normalize("NFC", name)
        if char.isspace() or unicodedata.category(char) not in {"Cc", "Cs"}
    )
    cleaned = " ".join(visible.split())
    if all(unicodedata.category(char) in _INVISIBLE for char in cleaned):
        raise UserError(tr("the name is empty; give at least one letter"))
    if len(cleaned) > MAX_NAME_LENGTH:
        raise UserError(
            tr("the name is longer than {most} characters; shorten it", most=MAX_NAME_LENGTH)
        )
    return cleaned


def name_key(name: str) -> str:
    """What two spellings of one name share: case, Unicode form and characters without a look of
    their own (they come along with pasted text) make no new people.
    """
    seen = "".join(char for char in clean_name(name) if unicodedata.category(char) != "Cf")
    folded = unicodedata.normalize("NFKC", seen).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def in_order(name: str) -> str:
    """`name` with the given name first where it is the other way about, as lists of contacts have
    it: `Last, First`, with one comma.
    """
    last, _, first = name.partition(",")
    first, last = first.strip(), last.strip()
    return f"{first} {last}" if first and last and "," not in first else name


def alias_number(name: str) -> int:
    """By which a person's alias is known: the same for all spellings of one name, so that it is one
    decision whoever takes it, and positive, of 63 bits.
    """
    digest = hashlib.blake2b(name_key(name).encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 1
