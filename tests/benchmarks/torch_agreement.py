"""How far torch and ONNX Runtime are apart on the same faces: the bundled network, and networks
that were exported. All that is trained starts from the one and ends in the other.

    python tests/benchmarks/torch_agreement.py [--faces ../shared/data/lfw] [-n 500]
"""

import argparse
import dataclasses
import itertools
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from common import FACES
from numpy.typing import NDArray
from PIL import Image

from photoclust.training.backbones import Backbone, build
from photoclust.training.export import Exported, export_backbone
from photoclust.vision import models
from photoclust.vision.crop import crop_face

BATCH = 32
SEED = 0


def found_faces(folder: Path) -> Iterator[NDArray[np.uint8]]:
    """The best face of each picture, the people taking turns."""
    detector = models.load_detector()
    people = [sorted(person.glob("*.jpg")) for person in sorted(folder.iterdir())]
    for photos in itertools.zip_longest(*people):
        for photo in filter(None, photos):
            pixels = np.asarray(Image.open(photo).convert("RGB"))
            for face in detector.detect([pixels])[0][:1]:
                yield crop_face(pixels, face.box)


def standardised(crops: NDArray[np.uint8]) -> torch.Tensor:
    return (torch.tensor(crops).permute(0, 3, 1, 2).float() - 127.5) / 128


def in_torch(model: Backbone, crops: torch.Tensor) -> NDArray[np.float32]:
    with torch.no_grad():
        return np.concatenate([model(part).numpy() for part in crops.split(BATCH)])


def in_onnx_runtime(exported: Exported, folder: Path, crops: torch.Tensor) -> NDArray[np.float32]:
    bundled = models.model_spec(models.DEFAULT_EMBEDDER)
    spec = dataclasses.replace(bundled, files=(exported.file,))
    session = models.open_session(spec, threads=1, folder=folder)
    return np.concatenate(
        [session.run(["vectors"], {"crops": part.numpy()})[0] for part in crops.split(BATCH)]
    )


def report(name: str, one: NDArray[np.float32], other: NDArray[np.float32], what: str) -> None:
    cosines = (one * other).sum(axis=1)
    print(
        f"{name:36} {len(one):5} faces  largest difference {np.abs(one - other).max():.1e}"
        f"  lowest cosine {cosines.min():.7f}  {what}"
    )


def main() -> None:
    made = argparse.ArgumentParser(description=__doc__)
    made.add_argument("--faces", type=Path, default=FACES)
    made.add_argument("-n", "--count", type=int, default=500)
    options = made.parse_args()
    crops = np.stack(list(itertools.islice(found_faces(options.faces), options.count)))
    pixels = standardised(crops)
    generator = torch.Generator().manual_seed(SEED)
    facenet = build("inception_resnet_v1", generator=generator)
    start = time.perf_counter()
    ours = in_torch(facenet, pixels)
    seconds = time.perf_counter() - start
    theirs = models.load_embedder().embed(crops)
    report("bundled network", ours, theirs, f"{len(crops) / seconds:.0f} faces/s in torch")
    few = pixels[:BATCH]
    for name, dimension in (("inception_resnet_v1", 128), ("nn2", 128), ("small", 128)):
        model = build(name, dimension, generator=generator)
        side = model.preprocessing.side
        sized = torch.nn.functional.interpolate(few, (side, side), mode="bilinear")
        with TemporaryDirectory(prefix="photoclust-") as folder:
            exported = export_backbone(model, Path(folder) / "own.onnx")
            vectors = in_onnx_runtime(exported, Path(folder), sized)
        report(
            f"{name}, {dimension} numbers",
            in_torch(model, sized),
            vectors,
            f"{exported.file.size / 1e6:.1f} MB",
        )


if __name__ == "__main__":
    main()
