"""How long it takes to write the names of a library into sidecars, and what becomes of spoilt ones.

A made-up library: small JPEG files, two named faces in each. Its names are exported three times: to
begin with, with nothing new, and with every person renamed. Then sidecars of other programs are
spoilt, and names are written into each: what comes of it must be XML that still holds all that was
there, or the sidecar must be left as it is.

    python tests/benchmarks/names_out.py
"""

import hashlib
import random
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

import damage
from common import parser
from PIL import Image

from photoclust.console import table
from photoclust.core.types import Box, Detection, FileStat, FoundFace, Metadata, ModelId
from photoclust.media.xmp.merging import Wish
from photoclust.media.xmp.own import FaceState, State, to_values
from photoclust.media.xmp.spans import PacketError
from photoclust.media.xmp.writing import Said, write
from photoclust.services import naming
from photoclust.services.names_out import Wanted
from photoclust.services.names_out_xmp import export_sidecars
from photoclust.store import faces as face_store
from photoclust.store import files as file_store
from photoclust.store import people as people_store
from photoclust.store import photos as photo_store
from photoclust.store.database import Library
from photoclust.store.journal import Act

SIZE = (400, 300)
BOXES = (Box(20, 20, 80, 90), Box(200, 30, 80, 90))
PEOPLE = 200
PERSON = "0ab090dc-dabd-4603-b74a-f103ddbcceb5"
_KINDS = (
    damage.flipped_bits,
    damage.truncated,
    damage.zeroed_block,
    damage.zeroed_end,
    damage.untouched,
)


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--named", type=int, default=5000, help="named faces")
    arguments.add_argument("--sidecars", type=int, default=1000, help="spoilt sidecars")
    arguments.add_argument("--seed", type=int, default=0)
    options = arguments.parse_args()
    with TemporaryDirectory() as folder:
        measure(Path(folder), options.named)
    spoil(options.sidecars, options.seed)


def measure(folder: Path, named: int) -> None:
    """Export a library of `named` faces and print how long that takes."""
    rows = []
    with Library(folder / "library") as library:
        fill(library, folder / "photos", named)
        for what in ("all new", "nothing new", "everybody renamed"):
            if what == "everybody renamed":
                rename(library)
            start = time.perf_counter()
            report = export_sidecars(library, Wanted())
            seconds = time.perf_counter() - start
            if report.failed:
                sys.exit(f"{report.failed[0].path}: {report.failed[0].reason}")
            rate = (report.written + report.unchanged) / seconds
            rows.append((what, report.regions, report.written, f"{seconds:.2f} s", f"{rate:.0f}/s"))
    sizes = sorted(path.stat().st_size for path in (folder / "photos").rglob("*.xmp"))
    table(("", "Faces", "Sidecars written", "Time", "Photos"), rows)
    print(f"A sidecar of two faces takes {sizes[len(sizes) // 2]:,} bytes, all {sum(sizes):,}.")


def fill(library: Library, photos: Path, named: int) -> None:
    """Photos with two faces each, of PEOPLE people in turn."""
    photos.mkdir()
    first = photos / "first.jpg"
    Image.new("RGB", SIZE, (90, 120, 150)).save(first)
    data = first.read_bytes()
    first.unlink()
    with library.write() as tx:
        file_store.add_folders(tx, [photos])
        act = Act(tx, "name")
        people = [people_store.add_person(act, f"Person {number}") for number in range(PEOPLE)]
        for number in range(named // len(BOXES)):
            path = photos / f"{number % 50:02}" / f"{number:05}.jpg"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
            status = path.stat()
            stat = FileStat(path, status.st_size, status.st_mtime_ns)
            photo = photo_store.write_photo(
                tx,
                photo=None,
                size=SIZE,
                turn=0,
                metadata=Metadata(),
                stat=stat,
                detector="made-up",
            )
            digest = hashlib.blake2b(str(number).encode(), digest_size=20).hexdigest()
            file_store.write_file(tx, stat, photo, digest)
            found = [FoundFace(Detection(box, (), 0.9), 0.5) for box in BOXES]
            faces = face_store.replace_faces(tx, photo, found, SIZE, ModelId("made-up"))
            for place, face in enumerate(faces):
                people_store.confirm(act, [face], people[(2 * number + place) % PEOPLE])
        act.finish()


def rename(library: Library) -> None:
    with library.read() as tx:
        people = people_store.names_and_uids(tx)
    for person, (name, _) in people.items():
        naming.name(library, f"p{person}", f"{name} Müller")


def spoil(count: int, seed: int) -> None:
    """Write into `count` spoilt sidecars and print what came of it."""
    rng = random.Random(seed)
    sys.path.insert(0, str(Path(__file__).parents[1] / "media" / "xmp"))
    from conftest import DARKTABLE, LIGHTROOM

    face = Wish(Box(0.2, 0.3, 0.1, 0.2), "Änna <&>", PERSON)
    own = to_values(FaceState(State.CONFIRMED, PERSON))
    said = Said((4000, 3000), (Wish(face.box, face.name, PERSON, own),), (face.name,))
    ours = write(LIGHTROOM, said).data
    outcomes: Counter[tuple[str, str]] = Counter()
    slowest = 0.0
    for _ in range(count):
        kind = rng.choice(_KINDS)
        before = kind(rng, rng.choice((LIGHTROOM, DARKTABLE, ours)), b"")
        start = time.perf_counter()
        try:
            after = write(before, said).data
        except PacketError:
            outcomes[kind.__name__, "left as it is"] += 1
        else:
            outcomes[kind.__name__, "written"] += 1
            ElementTree.fromstring(after)
            if write(after, said).data is not after:
                sys.exit("a second export changed the sidecar again")
        slowest = max(slowest, time.perf_counter() - start)
    rows = [(*key, number) for key, number in sorted(outcomes.items())]
    table(("Damage", "Outcome", "Sidecars"), rows)
    print(f"{count:,} sidecars, none crashed; the slowest took {slowest * 1000:.0f} ms.")


if __name__ == "__main__":
    main()
