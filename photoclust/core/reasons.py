"""Why a file cannot be read: kept in English, and said in the language of whoever looks at it."""

from photoclust.core.language import marked, tr_kept

DAMAGED = marked("the {kind} data is damaged or incomplete")
FAILED = marked("photoclust failed on it ({what})")
NO_PHOTOS = marked("it is a document without photos")
SYSTEM = marked("it cannot be read ({what})")
TOO_LARGE = marked("the file is too large for a {kind} picture")
TOO_MANY_BYTES = marked("the file is too large ({size} GB) for a picture")
TOO_MANY_COEFFICIENTS = marked(
    "a progressive JPEG of {width} × {height} pixels needs too much memory; save it as a baseline "
    "JPEG"
)
TOO_MANY_PIXELS = marked(
    "{width} × {height} pixels are too many; photoclust reads {kind} pictures of up to {limit} "
    "megapixels"
)
TOO_MANY_PIXELS_OF_KIND = marked("it has too many pixels for a {kind} picture")
VARIANT = marked("this variant of {kind} is not supported; convert it to JPEG")
_FORMS = (
    DAMAGED,
    FAILED,
    SYSTEM,
    TOO_LARGE,
    TOO_MANY_BYTES,
    TOO_MANY_COEFFICIENTS,
    TOO_MANY_PIXELS,
    TOO_MANY_PIXELS_OF_KIND,
    VARIANT,
)


def said(reason: str) -> str:
    """`reason`, as a library keeps it, in the language that is spoken."""
    return tr_kept(reason, _FORMS)
