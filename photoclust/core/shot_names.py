"""What the name of a photo's file says of which shot it is of, and in which form.

A camera writes RAW and JPEG under one name. Programs put what was edited beside the original:
`-edited` and its translations (Google Takeout, in the language of the account), `_edited` and `~2`
(phones), `-Edit` and its translations (Lightroom), `_v1` (digiKam), `IMG_E1234` for `IMG_1234`
(Apple). ` (1)` and `(1)` are copies by a file manager or a download, but Takeout also gives other
photos of one name apart so; the name alone does not tell.
"""

import os
import re
import unicodedata
from dataclasses import dataclass

_EDITED = re.compile(
    r"[-_ ](?:edited|edit|bearbeitet|modifié|modifie|modificato|editado|ha editado|editat|bewerkt|"
    r"edytowane|redigerad|redigert|redigeret|muokattu|upraveno|編集済み|effects)(?:[-_ ]?\d{1,2})?$"
    r"|~\d{1,2}$|_v\d{1,2}$"
)
_APPLE = re.compile(r"^img_e(\d{4,})$")
_COPY = re.compile(r" ?\(\d{1,3}\)$| [-–] (?:copy|kopie|copie|copia)$")
_PIXEL = re.compile(r"^(pxl_\d{8}_\d{9})\.(?:raw|night|portrait|mp|long_exposure)\b.*$")
"""Google's camera: `PXL_….RAW-01.COVER.jpg` beside `PXL_….RAW-02.ORIGINAL.dng`."""


@dataclass(frozen=True, slots=True)
class ShotName:
    """`stem` is the same for all forms of a shot in one folder. `edited` and `copied` are what the
    name says of this form; of a copy, the pictures must be compared.
    """

    stem: str
    edited: bool = False
    copied: bool = False


def shot_name(name: str) -> ShotName:
    """What the file name `name` says, with its extension or without folder."""
    stem = unicodedata.normalize("NFC", os.path.splitext(name)[0]).casefold()  # noqa: PTH122
    if stem.isascii() and stem.isalnum():
        return ShotName(stem)  # most names, and a hundred thousand of them
    if found := _PIXEL.match(stem):
        stem = found[1]
    plain = _COPY.sub("", stem)
    copied = plain != stem
    original = _EDITED.sub("", plain)
    if found := _APPLE.match(original):
        original = f"img_{found[1]}"
        return ShotName(original, True, copied)
    return ShotName(original, original != plain, copied) if original else ShotName(stem)
