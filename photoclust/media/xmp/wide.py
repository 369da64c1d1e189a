"""Packets in UTF-16, which XMP allows (ISO 16684-1, 7.2), as UTF-8 and back."""

import codecs
import re
from dataclasses import dataclass

from photoclust.core.language import tr
from photoclust.media.xmp.spans import PacketError

_DECLARED = re.compile(r"""(\ufeff?\s*<\?xml[^>]*?\bencoding\s*=\s*["'])(utf-16(?:le|be)?)""", re.I)
_NARROW = re.compile(r"""(\bencoding\s*=\s*["'])utf-8""", re.I)
_STARTS = {
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}


@dataclass(frozen=True, slots=True)
class Wide:
    """How a packet was written: its encoding, and what it calls that, empty where it does not."""

    encoding: str
    declared: str

    def to_wide(self, data: bytes) -> bytes:
        """A packet in UTF-8 as it is to be written."""
        text = data.decode()
        if self.declared:
            text = re.sub(
                r"(?i)(\bencoding\s*=\s*[\"'])utf-8", rf"\g<1>{self.declared}", text, count=1
            )
        return text.encode(self.encoding)


def narrowed(data: bytes) -> tuple[bytes, Wide | None]:
    """A packet in UTF-8, and how it was written where that was in UTF-16. Raises PacketError where
    it is damaged.
    """
    encoding = _STARTS.get(data[:2])
    if encoding is None:
        return data, None
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise PacketError(tr("it is damaged or no XMP")) from error
    found = _DECLARED.match(text)
    if found is not None:
        text = f"{found[1]}UTF-8{text[found.end() :]}"
    return text.encode(), Wide(encoding, "" if found is None else found[2])
