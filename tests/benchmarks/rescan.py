"""How fast a scan passes 100 000 files that have not changed, with and without sidecars beside.

The library is made up: nothing is looked at, and the files are empty but for a few bytes. Of what
another program writes beside them later, one in a thousand, names must come in.

    python tests/benchmarks/rescan.py --files 100000
"""

import os
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from common import parser, spread, verdict
from PIL import Image
from sqlalchemy import insert

from photoclust.console import table
from photoclust.core.settings import Settings
from photoclust.services.ingest import ingest
from photoclust.store import schema
from photoclust.store.database import Library

PER_FOLDER = 250
WANTED = 30_000
NEWS = 1000
"""Every so manieth photo gets a sidecar anew."""
SIDECAR = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><rdf:Description rdf:about="">
<Iptc4xmpExt:PersonInImage><rdf:Bag><rdf:li>{name}</rdf:li></rdf:Bag></Iptc4xmpExt:PersonInImage>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


def make(library: Library, folder: Path, count: int) -> list[Path]:
    """Files and a library that knows them as photos."""
    paths = [folder / f"{n // PER_FOLDER:04d}" / f"IMG_{n:06d}.png" for n in range(count)]
    picture = folder / "picture.png"
    folder.mkdir()
    Image.new("L", (40, 30)).save(picture)
    data = picture.read_bytes()
    picture.unlink()
    files, photos = [], []
    for number, path in enumerate(paths, 1):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        status = path.stat()
        photos.append({"id": number, "width": 40, "height": 30, "turn": 0, "detector": "made up"})
        files.append(
            {
                "photo_id": number,
                "path": path,
                "size": status.st_size,
                "mtime_ns": status.st_mtime_ns,
                "hash": number.to_bytes(20, "big"),
            }
        )
    with library.write() as tx:
        tx.execute(insert(schema.folder).values(path=folder))
        tx.execute(insert(schema.photo), photos)
        tx.execute(insert(schema.file), files)
    return paths


def rates(library: Library, folder: Path, count: int, times: int) -> list[float]:
    """Files a second of so many scans of what has not changed."""
    found = []
    for _ in range(times):
        start = time.monotonic()
        report = ingest(library, [folder], Settings(workers=1))
        if report.unchanged != count or report.photos or report.failed:
            raise SystemExit(f"{report} is no scan of what has not changed")
        found.append(count / (time.monotonic() - start))
    return found


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--files", type=int, default=100_000)
    arguments.add_argument("--again", type=int, default=5, help="scans of what has not changed")
    options = arguments.parse_args()
    with TemporaryDirectory(prefix="photoclust-rescan-") as temporary:
        folder = Path(temporary) / "photos"
        with Library(Path(temporary) / "library") as library:
            paths = make(library, folder, options.files)
            ingest(library, [folder], Settings(workers=1))
            without = rates(library, folder, options.files, options.again)
            for path in paths:
                path.with_name(f"{path.name}.xmp").write_text("<x/>", "utf-8")
            start = time.monotonic()
            ingest(library, [folder], Settings(workers=1))
            first = time.monotonic() - start
            beside = rates(library, folder, options.files, options.again)
            for number, path in enumerate(paths[::NEWS]):
                sidecar = path.with_name(f"{path.name}.xmp")
                sidecar.write_text(SIDECAR.format(name=f"Anna {number}"), "utf-8")
                os.utime(sidecar, (1, 1))
            start = time.monotonic()
            report = ingest(library, [folder], Settings(workers=1))
            news = time.monotonic() - start
    table(
        ("100 %", "files/s or s"),
        [
            ("without sidecars, files/s", spread(without, 0)),
            ("with one beside each, files/s", spread(beside, 0)),
            ("the first scan after these came", f"{first:.1f} s"),
            (f"the scan after {len(paths[::NEWS])} of them changed", f"{news:.1f} s"),
        ],
    )
    fast = statistics.median(without) >= WANTED
    print(verdict(f"{statistics.median(without):.0f} files/s ≥ {WANTED}", fast))
    told = getattr(report.names, "tagged", 0)
    print(verdict(f"names come in: {told}", told == len(paths[::NEWS])))


if __name__ == "__main__":
    main()
