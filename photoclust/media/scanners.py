"""Which EXIF was written by a scanner, so that its time is not taken for that of the picture.

Most scanners and their programs leave FileSource out, but say who they are.
"""

import re

_NAMES = (
    # CanoScan, COOLSCAN, DiMAGE Scan Dual, Scanjet, ScanMaker, ScanSnap, "film scanner"; and the
    # programs: VueScan, Epson Scan, IJ Scan Utility, NikonScan, PhotoScan, CamScanner.
    r"scan(?:jet|maker|ner|snap|wit|za|gear)?(?![a-z])",
    # Makers of cameras too: only their scanners. A Samsung GT-I9100 is a telephone.
    r"epson.*\b(?:perfection|fastfoto|ff-[0-9]|gt-|expression)",
    r"fuji.*\b(?:sp-?(?:500|2000|3000)\b|frontier)",
    r"nikon.*\bls-[0-9]",
    r"hasselblad.*\bflextight|\bimacon\b",
    # Makers of nothing else.
    r"\b(?:plustek|opticfilm|reflecta|pakon|noritsu|pacific image|primefilm)\b",
    # Programs without the word.
    r"\b(?:silverfast|photomyne|fastfoto|fdi v[0-9])",
)
"""Regular expressions for maker, model and software in one line of lower case."""
_SCANNER = re.compile("|".join(_NAMES))


def is_scanner(make: str, model: str, software: str) -> bool:
    """Whether EXIF's Make, Model and Software name a well-known scanner or scanning program."""
    return _SCANNER.search(f"{make} {model}\n{software}".lower()) is not None
