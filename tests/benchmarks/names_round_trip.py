"""Whether all that was said about faces comes back from sidecars: exported, wiped, scanned anew.

A made-up library of photos with two drawn faces each is written into sidecars. A new library then
scans the photos, in which no detector finds a face, so that all it knows comes from the sidecars:
names, ids of people, boxes, what is confirmed, rejected or hidden, other names and birthdays of
people, the faces chosen for them, and dates by hand. An export of the new library
must then find every sidecar as it would write it.

    python tests/benchmarks/names_round_trip.py
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from common import parser, verdict
from PIL import Image

from photoclust.console import table
from photoclust.core.dates import parse_birthday, parse_date
from photoclust.core.settings import Settings
from photoclust.core.types import Box, Detection, FoundFace, ModelId, PersonId
from photoclust.services.ingest import ingest
from photoclust.services.names_out import Wanted
from photoclust.services.names_out_xmp import export_sidecars
from photoclust.store import aliases, birthdays, outgoing, photo_dates, presences
from photoclust.store import faces as face_store
from photoclust.store import people as people_store
from photoclust.store import photos as photo_store
from photoclust.store.database import Library
from photoclust.store.journal import Act

SIZE = (400, 300)
BOXES = (Box(20, 20, 80, 90), Box(200, 30, 80, 90))
PEOPLE = 200
HIDDEN, REJECTED, NAMELESS, PRESENT, BORN, DATED = 20, 10, 25, 15, 3, 4
"""Every so manieth person is hidden, or has a birthday, another name and a chosen face; every so
manieth face is also said not to be somebody, or has no name; with every so manieth face, somebody
is in its photo without one; every so manieth photo has a date by hand.
"""
SAME_IOU = 0.99


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--named", type=int, default=5000, help="faces")
    options = arguments.parse_args()
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        photos = folder / "photos"
        draw_photos(photos, options.named // len(BOXES))
        with Library(folder / "before") as library:
            ingest(library, [photos], Settings(names_from_files=False))
            decide(library)
            report = export_sidecars(library, Wanted())
            before = told(library)
        with Library(folder / "after") as library:
            start = time.perf_counter()
            scan = ingest(library, [photos], Settings())
            seconds = time.perf_counter() - start
            after = told(library)
            again = export_sidecars(library, Wanted())
    if scan.failed or report.failed or again.failed:
        sys.exit(f"not all could be read or written: {scan.failed} {report.failed} {again.failed}")
    lost = {path: faces for path, faces in before.items() if not same(faces, after.get(path, []))}
    faces = sum(map(len, before.values()))
    rows = [
        ("photos", f"{len(before):,}"),
        ("faces", f"{faces:,}"),
        ("photos of which something differs", f"{len(lost):,}"),
        ("sidecars that the new library would write otherwise", f"{again.written:,}"),
        ("scan of the new library", f"{seconds:.1f} s"),
    ]
    table(("", ""), rows)
    for path in list(lost)[:3]:
        print(path.name, lost[path], after.get(path), sep="\n  ")
    print(verdict("nothing is lost or changed", not lost and not again.written))


def draw_photos(folder: Path, count: int) -> None:
    """Pictures that all differ, and show nobody."""
    for number in range(count):
        path = folder / f"{number % 50:02}" / f"{number:05}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture = Image.new("RGB", SIZE, (90, 120, 150))
        for bit in range(16):
            if number >> bit & 1:
                picture.paste((160, 140, 90), (25 * bit, 0, 25 * bit + 25, SIZE[1]))
        picture.save(path, compress_level=1)


def decide(library: Library) -> None:
    """Say of the photos of a library what a user may say."""
    with library.write() as tx:
        act = Act(tx, "name")
        people = [people_store.add_person(act, f"Änna {number}") for number in range(PEOPLE)]
        for person in people[::HIDDEN]:
            people_store.hide(act, person, True)
        for each, person in enumerate(people[::BORN]):
            aliases.add_alias(act, person, f"Oma & {each}")
            birthdays.set_birthday(act, person, parse_birthday(f"19{each % 90 + 10}-05"))
        for photo in photo_store.photo_ids(tx)[::DATED]:
            people_store.set_date(act, [photo], photo_dates.date_text(parse_date("about 1980")))
        number = 0
        chosen = set(people[::BORN])
        for photo in photo_store.photo_ids(tx):
            for box in BOXES:
                drawn = FoundFace(Detection(box, (), 0.9), 0.5)
                face = face_store.add_drawn_face(tx, photo, drawn, SIZE, ModelId("made-up"))
                people_store.exclude(act, [face], False)
                number += 1
                if number % NAMELESS:
                    person = people[number % PEOPLE]
                    people_store.confirm(act, [face], person)
                    if person in chosen:
                        chosen.remove(person)
                        people_store.choose_cover(act, person, face)
                if number % REJECTED == 0:
                    people_store.reject(act, [face], people[(number + 7) % PEOPLE])
            if number % PRESENT == 0:
                someone = people[(number + 3) % PEOPLE]
                presences.set_present(act, [photo], someone, present=True)
        act.finish()


Told = tuple[tuple[object, ...], Box | None]


def told(library: Library) -> dict[Path, list[Told]]:
    """What is said of the faces of each file, and of who is there without one, without the ids of
    this library.
    """
    with library.read() as tx:
        people = outgoing.people(tx)
        photos = photo_store.photo_ids(tx)
        files = outgoing.files(tx, photos)
        faces, present = outgoing.faces(tx, photos), outgoing.present(tx, photos)
        dated = outgoing.dated(tx, photos)

    def who(person: PersonId | None, *, more: bool = False) -> object:
        # What else is said of people travels with their faces.
        known = people.get(person) if person is not None else None
        facts = (known.aliases, known.born) if known is not None and more else ()
        return known and (known.uid, known.name, known.hidden, *facts)

    result: dict[Path, list[Told]] = {}
    for photo in photos:
        found: list[Told] = [
            (
                (
                    *(who(face.person, more=True), face.confirmed, face.excluded),
                    frozenset(map(who, face.rejected)),
                    any(person.cover == face.id for person in people.values()),
                ),
                face.box,
            )
            for face in faces.get(photo, [])
        ]
        found += [((who(person), "present"), None) for person in present.get(photo, [])]
        found.append((("dated", dated.get(photo)), None))
        result[files[photo][0].path] = found
    return result


def same(one: list[Told], other: list[Told]) -> bool:
    """Whether both say the same of the same boxes."""
    left = list(other)
    for said, box in one:
        twin = next(
            (
                each
                for each in left
                if each[0] == said
                and (
                    each[1] is box
                    or (box is not None and each[1] is not None and box.iou(each[1]) > SAME_IOU)
                )
            ),
            None,
        )
        if twin is None:
            return False
        left.remove(twin)
    return not left


if __name__ == "__main__":
    main()
