"""Text as a search compares it: without case, accents and marks that nobody types.

Names that differ only in that are still two names (see `store.names`); a search finds both.
"""

import re
import unicodedata
from collections.abc import Mapping

_LETTERS = {
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "æ": "ae",
    "œ": "oe",
    "ı": "i",
    "ħ": "h",
}
"""Letters that Unicode does not take apart, though keyboards without them write them so."""
_SPELT_OUT = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"}
"""How German and Scandinavian letters are written where there are none."""
_MAY_BE_MARKS = re.compile("[\u00ad\u0300-\U0010ffff]")
_UNSEEN = re.compile("['’‘ʼ`´\".,]")
_BETWEEN_WORDS = re.compile(r"[ \-‐‑–_]+")


def fold(text: str) -> str:
    """`text` without case and accents: `jorg` for Jörg, `lodz` for Łódź, `strasse` for Straße."""
    if text.isascii():
        return text.lower()
    return _without_marks(_composed(text))


def spellings(text: str) -> tuple[str, ...]:
    """What `text` may be typed as: `fold` of it, and with umlauts spelt out where there are any:
    `jorg` and `joerg` for Jörg. Two texts are alike where they share one of these.
    """
    if text.isascii():
        return (text.lower(),)
    composed = _composed(text)
    plain = _without_marks(composed)
    spelt_out = _without_marks(_replaced(composed, _SPELT_OUT))
    return (plain,) if spelt_out == plain else (plain, spelt_out)


def spaced(text: str) -> str:
    """Folded names, one a line, with one space before, between and behind their words:
    `` jean luc obrien `` for "jean-luc o'brien".
    """
    padded = f" {text} ".replace("\n", " \n ")
    return _BETWEEN_WORDS.sub(" ", _UNSEEN.sub("", padded))


def _composed(text: str) -> str:
    """Without case, an umlaut being one character: macOS writes two in the names of files."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _without_marks(text: str) -> str:
    parts = unicodedata.normalize("NFKD", _replaced(text, _LETTERS))
    return unicodedata.normalize("NFC", _MAY_BE_MARKS.sub(_unless_left_out, parts))


def _replaced(text: str, letters: Mapping[str, str]) -> str:
    """Much faster than `str.translate` on a text of thousands of names."""
    for letter, instead in letters.items():
        text = text.replace(letter, instead)
    return text


def _unless_left_out(found: re.Match[str]) -> str:
    """The character, unless it is an accent of a letter, a vowel point of Hebrew or Arabic, or
    unseen.

    The marks of other scripts are letters of their own: a Devanagari word without its vowel signs
    is another word, and so is a Japanese one without its voicing marks.
    """
    char = found[0]
    place = unicodedata.combining(char)
    left_out = 10 <= place <= 35 or place >= 200 or unicodedata.category(char) == "Cf"
    return "" if left_out else char
