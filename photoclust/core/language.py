"""What people read, in their language: English in the code, others from catalogues (GNU gettext).

A sentence is looked up whole, with names for what is put into it, so that each language can order
its words: never at import time, when nobody has said yet which language it is to be.
"""

from __future__ import annotations

import gettext
import os
import re
import string
from collections.abc import Sequence
from functools import cache

from photoclust.core.errors import UserError

CODE = "en"
"""The language of the code."""
LANGUAGES = {CODE: "English", "de": "Deutsch"}
"""What there is, under the names that the languages call themselves."""
SYSTEM = "system"
"""In the settings: what the user's system speaks."""
_DOMAIN = "photoclust"
_VARIABLE = "PHOTOCLUST_LANGUAGE"  # child processes speak the language of who started them
_POINTS = {"de": ","}
_THIN_SPACE = "\u202f"
_NUMBER = re.compile(r"[+−]?[0-9]{1,3}(?:,[0-9]{3})*(?:\.[0-9]+)?(?: %)?")


class _Spoken:
    def __init__(self) -> None:
        self.language = CODE
        self._catalogue: gettext.NullTranslations | None = None

    def change(self, language: str) -> None:
        self.language = language
        self._catalogue = None

    @property
    def catalogue(self) -> gettext.NullTranslations:
        """Read when something is said for the first time."""
        if self._catalogue is None:
            self._catalogue = _catalogue_of(self.language)
        return self._catalogue


def _catalogue_of(language: str) -> gettext.NullTranslations:
    if language == CODE:
        return gettext.NullTranslations()
    from photoclust.core.paths import resource  # noqa: PLC0415 - what it raises is said here

    return gettext.translation(_DOMAIN, resource("locale"), [language])


_spoken = _Spoken()


def use(language: str) -> None:
    """Speak `language`, a key of LANGUAGES, in this process and those that it starts from now on.

    Raises UserError for a language that is not there.
    """
    if language not in LANGUAGES:
        raise UserError(f"there is no language {language!r}; choose {' or '.join(LANGUAGES)}")
    _spoken.change(language)
    os.environ[_VARIABLE] = language


def current() -> str:
    """The language that is spoken."""
    return _spoken.language


def tr(message: str, /, **fields: object) -> str:
    """`message` in the language that is spoken, with `fields` put in by their names."""
    if not message:
        return ""  # gettext keeps what it tells of a catalogue under it
    words = _spoken.catalogue.gettext(message)
    return words.format(**fields) if fields else words


def tr_in(context: str, message: str, /, **fields: object) -> str:
    """As `tr`, for a word that means different things in different places."""
    words = _spoken.catalogue.pgettext(context, message)
    return words.format(**fields) if fields else words


def tr_n(number: int, singular: str, plural: str, /, **fields: object) -> str:
    """The form for `number` in the language that is spoken; `{n}` is the number, `12 345`."""
    words = _spoken.catalogue.ngettext(singular, plural, number)
    return words.format(n=thousands(number), **fields)


def marked(message: str, /) -> str:
    """`message` as it is, for constants and what is kept: whoever shows it translates it."""
    return message


def tr_kept(kept: str, forms: Sequence[str]) -> str:
    """`kept`, which was kept in English, in the language that is spoken.

    It is a `marked` message, or one of the `forms`, marked messages with their fields put in; these
    are found in it, and may be such messages themselves. What is neither stays as it is.
    """
    if _spoken.language == CODE:
        return kept
    for form in forms:
        if found := _shape(form).fullmatch(kept):
            parts = found.groupdict().items()
            return tr(form, **{name: tr_kept(part, forms) for name, part in parts})
    return _number(kept) if _NUMBER.fullmatch(kept) else tr(kept)


@cache
def _shape(form: str) -> re.Pattern[str]:
    parts = string.Formatter().parse(form)
    return re.compile(
        "".join(re.escape(text) + (f"(?P<{name}>.+?)" if name else "") for text, name, *_ in parts),
        re.DOTALL,
    )


def _number(text: str) -> str:
    """A number in English as it is written in the language that is spoken."""
    whole, point, fraction = text.partition(".")
    whole = whole.replace(",", _THIN_SPACE)
    return f"{whole}{_POINTS.get(_spoken.language, '.')}{fraction}" if point else whole


def thousands(number: int) -> str:
    """`12 345` with thin no-break spaces."""
    return f"{number:,}".replace(",", _THIN_SPACE)


def decimal(value: float, digits: int) -> str:
    """`4.25`, or `4,25` where that is the custom; thin spaces between thousands."""
    whole, _, fraction = f"{value:,.{digits}f}".partition(".")
    whole = whole.replace(",", _THIN_SPACE)
    return f"{whole}{_POINTS.get(_spoken.language, '.')}{fraction}" if fraction else whole


def significant(value: float, digits: int) -> str:
    """`0.0123` of 0.012345 with 3 digits, `99.5` of 99.5 with 4: no zeros behind them."""
    return f"{value:.{digits}g}".replace(".", _POINTS.get(_spoken.language, "."))


if os.environ.get(_VARIABLE) in LANGUAGES:
    _spoken.change(os.environ[_VARIABLE])
