"""A scan of thousands of spoilt files: none stops it, hangs it, fills the memory or is passed over.

The files are made out of real ones of every format (see damage.py). Then every one of them must be
a photo of the library or a recorded failure with its reason, and be what it was before.

    python tests/benchmarks/corrupt_files.py --data ../shared/data --count 10000
"""

import hashlib
import io
import json
import random
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import numpy as np
from common import PHOTOCLUST, Watched, environment, parser, verdict, watch
from damage import KINDS
from PIL import Image

from photoclust.console import table
from photoclust.core.pages import file_of

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo" / "album"
FROM_LFW = 12
MAX_SOURCE_BYTES = 4 * 10**6
JPEG_SHARE = 0.4
PER_FOLDER = 500
PEAK_MB = 2500
FLAT_MB = 100
"""What the second and the last fifth of the scan may lie apart. Below a thousand files the networks
of the workers still grow into the second.
"""
EXTENSIONS = (".jpg", ".png", ".webp", ".tif", ".bmp", ".gif", ".heic", ".avif", ".jxl")
PAGED = ((".tif", "TIFF", {"compression": "tiff_lzw"}), (".pdf", "PDF", {}))
VIDEOS = ((".mp4", "libx264"), (".mov", "libx264"), (".avi", "mpeg4"), (".mkv", "libx264"))
WRITTEN = (
    (".tif", "TIFF", {}),
    (".tif", "TIFF", {"compression": "tiff_lzw"}),
    (".tif", "TIFF", {"compression": "jpeg"}),
    (".bmp", "BMP", {}),
    (".gif", "GIF", {}),
    (".jpg", "JPEG", {"progressive": True}),
    (".png", "PNG", {}),
    (".webp", "WEBP", {"lossless": True}),
)
"""What cameras, scanners and programs also write, but none of the real files is."""


def sources(data: Path) -> dict[str, list[bytes]]:
    """Real files by extension, and a few of them written anew in other formats."""
    folders = [data / "formats", data / "photos", DEMO]
    paths = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    paths += sorted((data / "lfw").rglob("*.jpg"))[:FROM_LFW]
    found = defaultdict(list)
    for path in paths:
        extension = path.suffix.lower().replace("jpeg", "jpg")
        if extension in EXTENSIONS and path.stat().st_size <= MAX_SOURCE_BYTES:
            found[extension].append(path.read_bytes())
    for number, (extension, kind, options) in enumerate(WRITTEN):
        with Image.open(io.BytesIO(found[".jpg"][-1 - number])) as image:
            file = io.BytesIO()
            image.save(file, kind, **options)
        found[extension].append(file.getvalue())
    pictures = [Image.open(io.BytesIO(data)).convert("RGB") for data in found[".jpg"][-3:]]
    for extension, kind, options in PAGED:
        file = io.BytesIO()
        pictures[0].save(file, kind, save_all=True, append_images=pictures[1:], **options)
        found[extension].append(file.getvalue())
    for extension, codec in VIDEOS:
        found[extension].append(video(pictures, extension, codec))
    return found


def video(pictures: list[Image.Image], extension: str, codec: str) -> bytes:
    """The pictures, each for two seconds."""
    with TemporaryDirectory() as folder:
        path = Path(folder, f"video{extension}")
        with av.open(str(path), "w") as container:
            stream = container.add_stream(codec, rate=10)
            stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
            for picture in pictures:
                for _ in range(20):
                    frame = av.VideoFrame.from_image(picture.resize((320, 240)))
                    container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path.read_bytes()


def make(real: dict[str, list[bytes]], folder: Path, count: int, seed: int) -> Counter[str]:
    """Write `count` spoilt files below `folder`, by kind of damage and, mostly, extension."""
    rng = random.Random(seed)
    kinds, shares = zip(*KINDS, strict=True)
    made: Counter[str] = Counter()
    for number in range(count):
        jpeg = ".jpg" in real and rng.random() < JPEG_SHARE
        extension = ".jpg" if jpeg else rng.choice(sorted(real))
        content, other = rng.choice(real[extension]), rng.choice(real[rng.choice(sorted(real))])
        (damage,) = rng.choices(kinds, shares)
        if rng.random() < 0.05:
            extension = rng.choice([*real])
        name = f"{number:05d} {damage.__name__}{extension}"
        path = folder / str(number // PER_FOLDER) / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(damage(rng, content, other))
        made[damage.__name__] += 1
    return made


def fingerprints(folder: Path) -> dict[Path, tuple[str, int]]:
    """Hash and modification time of every file."""
    found = {}
    for path in sorted(folder.rglob("*.*")):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        found[path] = (digest, path.stat().st_mtime_ns)
    return found


def scan(photos: Path, home: Path) -> tuple[Watched, dict[str, Any], str]:
    """A scan as a user starts it: its report, and all that it said on the screen and in the log."""
    command = [*PHOTOCLUST, "scan", str(photos), "--library", str(home / "library"), "--json"]
    output, errors = home / "output.txt", home / "errors.txt"
    with output.open("wb") as printed, errors.open("wb") as complained:
        run = watch(command, output=printed, errors=complained, env=environment(home))
    said = [output, errors, *home.rglob("photoclust.log*")]
    try:
        report = json.loads(output.read_bytes())
    except json.JSONDecodeError:
        report = {"photos": 0, "unchanged": 0, "failed": []}
    return run, report, "\n".join(path.read_text(errors="replace") for path in said)


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("-n", "--count", type=int, default=10_000, help="files to spoil")
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--only", nargs="*", help="extensions of the files, by default all")
    options = arguments.parse_args()
    with TemporaryDirectory(prefix="photoclust-corrupt-") as temporary:
        photos, home = Path(temporary, "photos"), Path(temporary, "home")
        home.mkdir()
        print(f"spoiling {options.count} files …", file=sys.stderr)
        real = sources(options.data)
        if options.only:
            real = {extension: real[extension] for extension in options.only}
        made = make(real, photos, options.count, options.seed)
        before = fingerprints(photos)
        first, report, said = scan(photos, home)
        again, second, said_again = scan(photos, home)
        after = fingerprints(photos)
    failed = {Path(item["path"]): item["reason"] for item in report["failed"]}
    recorded = {Path(item["path"]): item["reason"] for item in second["failed"]}
    read = report["photos"]
    known, whole = second["unchanged"] + second["photos"], len(recorded.keys() & before.keys())
    by_kind = Counter(path.stem.split(" ")[1] for path in failed)
    table(
        ("Damage", "Files", "Failures"),
        [(kind, made[kind], by_kind[kind]) for kind in sorted(made)],
    )
    reasons = Counter(re.sub(r"[0-9]+ × [0-9]+", "…", reason) for reason in failed.values())
    table(("Reason", "Files"), reasons.most_common())
    pss = first.samples[:, 1]
    fifths = np.array_split(pss, 5)
    # The median, because a picture of 250 megapixels may lie in any of them.
    growth = float(np.median(fifths[4]) - np.median(fifths[1]))
    print(
        f"{options.count} files in {first.times[-1]:.0f} s; {read} photos, {len(failed)} failures"
    )
    checks = [
        ("the scans end with 0", not first.returncode and not again.returncode),
        (
            f"every failure is of a file: {len(failed)} of {len(before)}",
            {file_of(path) for path in failed} <= before.keys(),
        ),
        (
            f"every file is known: {known} + {whole} + {second['documents']} of {len(before)}",
            known + whole + second["documents"] == len(before),
        ),
        ("every failure has a reason", all([*failed.values(), *recorded.values()])),
        ("no traceback", "Traceback" not in said + said_again),
        (f"peak {pss.max():.0f} MB ≤ {PEAK_MB} MB", pss.max() <= PEAK_MB),
        (f"flat: {growth:+.0f} MB from second to last fifth", abs(growth) <= FLAT_MB),
        ("no process is left over", not first.left_over and not again.left_over),
        ("the files are what they were", before == after),
    ]
    for what, ok in checks:
        print(verdict(what, ok))
    sys.exit(not all(ok for _, ok in checks))


if __name__ == "__main__":
    main()
