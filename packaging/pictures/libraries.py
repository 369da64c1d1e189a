"""Libraries for pictures: everything that can be in one, everybody named, nothing."""

from pathlib import Path

from PIL import Image

from photoclust.core.dates import parse_birthday
from photoclust.core.settings import Settings
from photoclust.services import browse, deciding, describing, naming
from photoclust.services.session import scan_and_group
from photoclust.store.database import Library

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo" / "album"
NAMES = (
    "Maximiliane Friederike von und zu Hohenstein-Württemberg & Söhne",
    "Anna Muster",
    "Željko 🎸 Öztürk",
    "نجيب محفوظ",
    "陈小明",
)
DEMO_NAMES = {"astronaut.png": "Eileen Collins", "side by side.jpg": "Joe Biden"}
COPIES = 16
SETTINGS = Settings(naming_precision=1.0)
"""Nobody is named but by what is done here."""


def everybody_named(folder: Path) -> None:
    """A library of the demo album in which everybody has their name."""
    with Library(folder) as library:
        scan_and_group(library, [DEMO], SETTINGS)
        naming.name(library, browse.groups(library)[0].key, "Barack Obama")
        for face in browse.single_faces(library):
            if face.path is not None:
                naming.name(library, f"f{face.id}", DEMO_NAMES[face.path.name])


def of_everything(folder: Path, photos: Path) -> None:
    """A library of `photos` with long and odd names, groups without one, somebody hidden, somebody
    described. The few people of a small album are taken for more than they are. A library that
    holds photos already stays as it is.
    """
    with Library(folder) as library:
        if browse.counts(library)[0]:
            return
        scan_and_group(library, [photos], SETTINGS)
        if len(browse.groups(library)) < 2 * len(NAMES):
            keys = _divide(library)
        else:
            keys = [group.key for group in browse.groups(library)[::2]]
        named = [
            f"p{naming.name(library, key, name).person}"
            for key, name in zip(keys, NAMES, strict=False)
        ]
        long, anna, other, *_, hidden = named
        describing.add_alias(library, anna, "Änne")
        describing.set_birthday(library, anna, parse_birthday("12 May 1923"))
        describing.tag(library, long, [browse.photos_of(library, other)[0].id])
        deciding.hide(library, [hidden])


def _divide(library: Library) -> list[str]:
    """Name some faces of the largest group one by one; of the others it is asked who they are.
    Gives what is to have names.
    """
    (largest, *_) = browse.groups(library)
    faces = [f"f{face.id}" for face in browse.faces(library, largest.key)]
    single = [f"f{face.id}" for face in browse.single_faces(library)]
    naming.name(library, faces[1], NAMES[0])
    return [faces[0], single[0], *faces[4:]]


def many_photos(folder: Path) -> Path:
    """Fill `folder` with photos of the demo album, each many times and never twice the same, so
    that a scan of them can be looked at. Gives it back.
    """
    folder.mkdir()
    for number, source in enumerate(sorted(DEMO.glob("20*/*.jpg"))):
        try:
            with Image.open(source) as picture:
                whole = picture.convert("RGB")
        except OSError:
            continue  # the album holds a broken file on purpose
        for cut in range(COPIES):
            part = whole.crop((0, 0, whole.width - cut, whole.height))
            part.save(folder / f"{cut:02}-{number}.jpg", quality=85)
    return folder
