"""Makes 12-megapixel photos with real faces of known place and size in them.

Each photo is 4000 × 3000 px: a background of smooth colour fields with detail at every scale (so
that the JPEG decodes as slowly as a real one), and 0 to 6 head-and-shoulder pictures pasted in with
soft edges, faces 30 to 900 px on the longer side (log-uniform), 2 on average. The source is
a folder of head-and-shoulder pictures, one folder per person, a face in the middle of each.

    python tests/benchmarks/twelve_megapixel.py --faces ../shared/data/lfw --out /tmp/photos -n 100
"""

import argparse
import csv
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

WIDTH, HEIGHT = 4000, 3000
SMALLEST_PX, LARGEST_PX = 30, 900
FACES_CHANCE = (0.12, 0.28, 0.28, 0.17, 0.09, 0.04, 0.02)  # of 0 … 6 faces; 2.0 on average
FACE_SHARE = 0.44
"""Longer side of the face box as a share of the side of a head-and-shoulder picture (LFW's)."""


def background(rng: np.random.Generator) -> Image.Image:
    """Fractal colour noise, sharp enough to cost a JPEG decoder what a photo costs it."""
    total = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    for octave in range(8):
        cells = 3 * 2**octave
        field = rng.normal(0, 1, (cells, int(cells * 4 / 3), 3 if octave < 4 else 1))
        field = (field * 90 / 1.75**octave).astype(np.float32)
        for channel in range(3):
            layer = Image.fromarray(field[..., min(channel, field.shape[2] - 1)])
            total[..., channel] += np.asarray(
                layer.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
            )
    total += rng.normal(0, 4, (HEIGHT, WIDTH, 1)).astype(np.float32)
    return Image.fromarray(np.clip(total + 120, 0, 255).astype(np.uint8))


def paste_faces(
    canvas: Image.Image, sources: list[Path], rng: np.random.Generator
) -> list[tuple[Path, tuple[float, float, float, float]]]:
    """Paste faces that do not overlap; gives each one's source and box (x, y, w, h in px)."""
    pasted: list[tuple[Path, tuple[float, float, float, float]]] = []
    taken: list[tuple[int, int, int]] = []
    for _ in range(int(rng.choice(len(FACES_CHANCE), p=FACES_CHANCE))):
        face = float(np.exp(rng.uniform(np.log(SMALLEST_PX), np.log(LARGEST_PX))))
        side = round(face / FACE_SHARE)
        for _ in range(50):
            x = int(rng.integers(0, max(1, WIDTH - side)))
            y = int(rng.integers(0, max(1, HEIGHT - side)))
            if all(abs(x - a) > max(side, s) or abs(y - b) > max(side, s) for a, b, s in taken):
                break
        else:
            continue
        source = sources[int(rng.integers(len(sources)))]
        with Image.open(source) as opened:
            picture = opened.convert("RGB").resize((side, side), Image.Resampling.LANCZOS)
        mask = Image.new("L", (side, side), 0)
        edge = max(1, side // 24)
        mask.paste(255, (edge, edge, side - edge, side - edge))
        canvas.paste(picture, (x, y), mask.filter(ImageFilter.BoxBlur(edge / 2)))
        taken.append((x, y, side))
        width = face * 0.75
        pasted.append((source, (x + (side - width) / 2, y + (side - face) / 2, width, face)))
    return pasted


def make(faces: Path, out: Path, count: int, seed: int = 0) -> Path:
    """Write `count` photos and `truth.csv` (image, source, x, y, w, h) into `out`."""
    rng = np.random.default_rng(seed)
    sources = sorted(faces.rglob("*.jpg"))
    out.mkdir(parents=True, exist_ok=True)
    grounds = [background(rng) for _ in range(6)]
    truth = out / "truth.csv"
    with truth.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "source", "x", "y", "w", "h"])
        for number in range(count):
            canvas = grounds[number % len(grounds)].copy()
            name = f"photo_{number:04d}.jpg"
            for source, box in paste_faces(canvas, sources, rng):
                writer.writerow([name, source.relative_to(faces), *(round(v, 1) for v in box)])
            canvas.save(out / name, quality=90)
    return truth


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faces", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("-n", "--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(make(options.faces, options.out, options.count, options.seed))


if __name__ == "__main__":
    main()
