"""Thousands of spoilt files with names: none crashes the reader, hangs it, or is written to.

XMP in photos and sidecars, Picasa's files, JSON of osxphotos and databases of digiKam are made,
spoilt (see damage.py, and below for what is special to each), and read as photoclust names import
does. Each must give names, or one sentence that says what is wrong, within seconds.

    python tests/benchmarks/corrupt_names.py --count 5000
"""

import json
import random
import re
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from common import parser, verdict
from damage import KINDS
from PIL import Image

from photoclust.console import table
from photoclust.core.errors import UserError
from photoclust.core.regions import ForeignPhotos, FoundNames
from photoclust.media import headers, named, osxphotos, picasa
from photoclust.media.files import OriginalFile
from photoclust.store import digikam

SLOWEST_S = 5.0
HANG_S = 30
ODD = ("nan", "inf", "-1", "1e999", "", "0", "\u0661", "9" * 400, "0x1p3", "1,5", "\ud7ff")
"""What may stand where a number should."""
_SOUND = tuple((damage, share) for damage, share in KINDS if not damage.__name__.startswith("infl"))

XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
 xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"
 xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"
 xmlns:MP="http://ns.microsoft.com/photo/1.2/"
 xmlns:MPRI="http://ns.microsoft.com/photo/1.2/t/RegionInfo#"
 xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
 xmlns:mwg-kw="http://www.metadataworkinggroup.com/schemas/keywords/"
 xmlns:pc="https://photoclust.org/ns/faces/1.0/">
<rdf:Description rdf:about=""><mwg-rs:Regions rdf:parseType="Resource">
<mwg-rs:AppliedToDimensions stDim:w="400" stDim:h="300" stDim:unit="pixel"/><mwg-rs:RegionList>
<rdf:Bag><rdf:li><rdf:Description mwg-rs:Name="Anna" mwg-rs:Type="Face"><mwg-rs:Area
 stArea:x="0.3" stArea:y="0.3" stArea:w="0.2" stArea:h="0.2" stArea:unit="normalized"/>
<mwg-rs:Extensions rdf:parseType="Resource"><pc:State>confirmed</pc:State></mwg-rs:Extensions>
</rdf:Description></rdf:li><rdf:li rdf:parseType="Resource"><mwg-rs:Name>Bert</mwg-rs:Name>
<mwg-rs:Area rdf:parseType="Resource"><stArea:x>0.7</stArea:x><stArea:y>0.5</stArea:y>
<stArea:d>0.2</stArea:d><stArea:unit>normalized</stArea:unit></mwg-rs:Area></rdf:li></rdf:Bag>
</mwg-rs:RegionList></mwg-rs:Regions><MP:RegionInfo rdf:parseType="Resource"><MPRI:Regions><rdf:Bag>
<rdf:li MPReg:PersonDisplayName="Caro" MPReg:Rectangle="0.1, 0.6, 0.2, 0.3"/></rdf:Bag>
</MPRI:Regions></MP:RegionInfo><Iptc4xmpExt:PersonInImage><rdf:Bag><rdf:li>Doro</rdf:li></rdf:Bag>
</Iptc4xmpExt:PersonInImage><lr:hierarchicalSubject><rdf:Bag><rdf:li>People|Emil</rdf:li></rdf:Bag>
</lr:hierarchicalSubject><mwg-kw:Keywords rdf:parseType="Resource"><mwg-kw:Hierarchy><rdf:Bag>
<rdf:li rdf:parseType="Resource"><mwg-kw:Keyword>People</mwg-kw:Keyword><mwg-kw:Children><rdf:Bag>
<rdf:li rdf:parseType="Resource"><mwg-kw:Keyword>Finn</mwg-kw:Keyword></rdf:li></rdf:Bag>
</mwg-kw:Children></rdf:li></rdf:Bag></mwg-kw:Hierarchy></mwg-kw:Keywords>
<pc:Dated>1980-01-01 00:00:00|year|</pc:Dated></rdf:Description></rdf:RDF></x:xmpmeta>"""
INI = """[Picasa]\r\nname=x\r\n[Contacts2]\r\n8e62b2035b74b477=Anna;;\r\n[a.jpg]\r\nstar=yes
faces=rect64(3f845bcb59418507),8e62b2035b74b477;rect64(1),ffffffffffffffff\r\nrotate=rotate(1)
crop=rect64(20002000e000e000)\r\n"""
CONTACTS = '<contacts><contact id="8e62b2035b74b477" name="Anna" modified_time="1"/></contacts>'
QUERY = [
    {
        "path": "/a/b.jpg",
        "original_filename": "IMG_1.JPG",
        "persons": ["Anna"],
        "width": 400,
        "height": 300,
        "faces": [
            {"name": "Anna", "mwg_rs_area": {"x": 0.3, "y": 0.3, "w": 0.1, "h": 0.1}},
            {"name": None, "mpri_reg_rect": {"x": 0.3, "y": 0.3, "w": 0.1, "h": 0.1}},
        ],
    },
    {
        "SourceFile": "a.jpg",
        "XMP:RegionName": ["Anna", "Bert"],
        "XMP:RegionAreaX": [0.1, 0.5],
        "XMP:RegionAreaY": [0.1, 0.5],
        "XMP:RegionAreaW": [0.1, 0.1],
        "XMP:RegionAreaH": [0.1, 0.1],
    },
]
DATABASE = """CREATE TABLE AlbumRoots (id, identifier, specificPath);
CREATE TABLE Albums (id, albumRoot, relativePath); CREATE TABLE Images (id, album, name);
CREATE TABLE ImageInformation (imageid, width, height); CREATE TABLE Tags (id, name);
CREATE TABLE TagProperties (tagid, property, value);
CREATE TABLE ImageTagProperties (imageid, tagid, property, value);
INSERT INTO AlbumRoots VALUES (1, 'volumeid:?path=%2Fphotos', '/');
INSERT INTO Albums VALUES (1, 1, '/2010'); INSERT INTO Tags VALUES (1, 'Anna'), (2, 'Unknown');
INSERT INTO TagProperties VALUES (1, 'person', 'Anna'), (2, 'unknownPerson', NULL);
"""


def odd_numbers(rng: random.Random, content: bytes, other: bytes) -> bytes:
    """Numbers that are none, or are enormous."""

    def spoil(found: re.Match[bytes]) -> bytes:
        return rng.choice(ODD).encode() if rng.random() < 0.2 else found[0]

    return re.sub(rb"[0-9.]+", spoil, content)


def lost_parts(rng: random.Random, content: bytes, other: bytes) -> bytes:
    """Tags, lines or quotes left out, or twice."""
    parts = re.split(rb'([<>"\n,;{}\[\]=])', content)
    for _ in range(rng.choice((1, 2, 5))):
        place = rng.randrange(len(parts))
        parts[place : place + rng.randrange(4)] = parts[place : place + 3] * rng.choice((0, 2, 9))
    return b"".join(parts)


def bombs(rng: random.Random, content: bytes, other: bytes) -> bytes:
    """Entities within entities, tags within tags, names without end."""
    kind = rng.randrange(5)
    if kind == 0:
        lines = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
        return f'<!DOCTYPE x [<!ENTITY a0 "RegionList">{lines}]><x>&a11;</x>'.encode()
    if kind == 1:
        return b"<RegionList>" * 100_000
    if kind == 2:
        return content.replace(b"Anna", b"A" * rng.choice((300, 10**6)))
    if kind == 3:
        return b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;RegionList</x>'
    return b"[" * 200_000 + content


def other_encodings(rng: random.Random, content: bytes, other: bytes) -> bytes:
    """The same in another encoding, or one that is announced and is not."""
    if rng.random() < 0.3:
        name = rng.choice(("klingon", "utf-16", "ascii", "cp037", "utf-7"))
        return f'<?xml version="1.0" encoding="{name}"?>'.encode() + content
    text = content.decode("utf-8", "replace")
    return text.encode(rng.choice(("utf-16", "utf-16-be", "latin-1", "utf-32", "cp037")), "replace")


SPECIAL = ((odd_numbers, 30), (lost_parts, 40), (bombs, 10), (other_encodings, 15))


def spoil(rng: random.Random, content: bytes, other: bytes) -> tuple[str, bytes]:
    """`content` spoilt in one of all ways, and its name."""
    kinds, shares = zip(*(*_SOUND, *SPECIAL), strict=True)
    (damage,) = rng.choices(kinds, shares)
    return damage.__name__, damage(rng, content, other)


def photo_with(packet: bytes, path: Path) -> None:
    """A JPEG that holds `packet`, as far as that fits into one segment."""
    Image.new("L", (40, 30)).save(path)
    data = path.read_bytes()
    inner = (b"http://ns.adobe.com/xap/1.0/\0" + packet)[:65_000]
    segment = b"\xff\xe1" + (len(inner) + 2).to_bytes(2, "big") + inner
    path.write_bytes(data[:2] + segment + data[2:])


def database(path: Path) -> bytes:
    """A database of fifty faces."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(DATABASE)
        for n in range(50):
            put = connection.execute
            put("INSERT INTO Images VALUES (?, 1, ?)", (n, f"IMG_{n}.jpg"))
            put("INSERT INTO ImageInformation VALUES (?, 400, 300)", (n,))
            put(
                "INSERT INTO ImageTagProperties VALUES (?, ?, 'tagRegion', ?)",
                (n, 1 + n % 2, f'<rect x="{n}" y="2" width="30" height="40"/>'),
            )
        connection.commit()
    return path.read_bytes()


def read_photo(path: Path) -> FoundNames:
    with OriginalFile(path, head_only=True) as original:
        return named.read_names(original, lambda: headers.read_shape(original), {})


Case = tuple[str, Path, Callable[[], FoundNames | ForeignPhotos | dict[str, str]]]


def make(rng: random.Random, place: Path, kind: str, sound: bytes) -> tuple[Case, str]:
    """A spoilt file of `kind` in the new folder `place`, how it is read, and what was done."""
    place.mkdir()
    photo = place / "a.jpg"
    if kind == "xmp in a photo":
        if rng.random() < 0.5:
            how, packet = spoil(rng, XMP.encode(), sound)
            photo_with(packet, photo)
        else:
            photo_with(XMP.encode(), photo)
            how, data = spoil(rng, photo.read_bytes(), sound)
            photo.write_bytes(data)
        return (kind, photo, lambda: read_photo(photo)), how
    if kind == "sidecar":
        Image.new("L", (40, 30)).save(photo)
        how, data = spoil(rng, XMP.encode(), sound)
        (place / rng.choice(("a.jpg.xmp", "a.xmp"))).write_bytes(data)
        return (kind, photo, lambda: read_photo(photo)), how
    if kind == "picasa":
        Image.new("L", (40, 30)).save(photo)
        how, data = spoil(rng, INI.encode(), sound)
        (place / ".picasa.ini").write_bytes(data)
        return (kind, photo, lambda: read_photo(photo)), how
    if kind == "contacts":
        path = place / "contacts.xml"
        how, data = spoil(rng, CONTACTS.encode(), sound)
        path.write_bytes(data)
        return (kind, path, lambda: picasa.read_contacts(path)), how
    if kind == "osxphotos":
        path = place / "query.json"
        how, data = spoil(rng, json.dumps(QUERY).encode(), sound)
        path.write_bytes(data)
        return (kind, path, lambda: osxphotos.read(path)), how
    path = place / "digikam4.db"
    how, data = spoil(rng, sound, INI.encode())
    path.write_bytes(data)
    return (kind, path, lambda: digikam.read(path)), how


SHARES = (
    ("xmp in a photo", 25),
    ("sidecar", 25),
    ("picasa", 15),
    ("contacts", 5),
    ("osxphotos", 15),
    ("digikam", 15),
)


def is_sentence(words: str) -> bool:
    """Whether something is fit to be shown: one line, without the name of a Python class."""
    return bool(words.strip()) and "\n" not in words and "Traceback" not in words


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("-n", "--count", type=int, default=5000, help="files to spoil")
    arguments.add_argument("--seed", type=int, default=0)
    options = arguments.parse_args()
    rng = random.Random(options.seed)
    made: Counter[str] = Counter()
    came: Counter[tuple[str, str]] = Counter()
    wrong: list[str] = []
    slowest = 0.0
    with TemporaryDirectory(prefix="photoclust-names-") as temporary:
        folder = Path(temporary)
        sound = database(folder / "sound.db")
        kinds, shares = zip(*SHARES, strict=True)
        for number in range(options.count):
            (kind,) = rng.choices(kinds, shares)
            (_, path, read), how = make(rng, folder / f"{kind}-{number}", kind, sound)
            made[kind] += 1
            before = {each: each.read_bytes() for each in path.parent.iterdir()}
            start = time.monotonic()
            signal.alarm(HANG_S)  # ends the run, with the name of what hung below
            try:
                told = read()
                problems = getattr(told, "problems", ())
                came[kind, "read, with something to tell" if problems else "read"] += 1
                wrong += [f"{path} ({how}): {each!r}" for each in problems if not is_sentence(each)]
            except UserError as error:
                came[kind, "refused"] += 1
                if not is_sentence(str(error)):
                    wrong.append(f"{path} ({how}): {str(error)!r}")
            except Exception as error:  # what must not be
                came[kind, "CRASHED"] += 1
                wrong.append(f"{path.parent.name} ({how}): {type(error).__name__}: {error}"[:300])
            finally:
                signal.alarm(0)
            slowest = max(slowest, time.monotonic() - start)
            if {each: each.read_bytes() for each in path.parent.iterdir()} != before:
                wrong.append(f"{path.parent.name} ({how}): was written to")
            for each in before:
                each.unlink()
            path.parent.rmdir()
    outcomes = sorted({outcome for _, outcome in came})
    table(
        ("Kind", "Files", *outcomes),
        [(kind, made[kind], *(came[kind, each] for each in outcomes)) for kind, _ in SHARES],
    )
    for each in wrong[:20]:
        print(each, file=sys.stderr)
    checks = (
        ("every file is read, or refused in one sentence, and left as it was", not wrong),
        (f"the slowest took {slowest:.2f} s ≤ {SLOWEST_S} s", slowest <= SLOWEST_S),
    )
    for what, ok in checks:
        print(verdict(what, ok))
    sys.exit(not all(ok for _, ok in checks))


if __name__ == "__main__":
    main()
