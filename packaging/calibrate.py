"""Measure how far the activations of the networks reach, for their 8-bit forms.

    python packaging/build_models.py --calibration DIR

The ranges are kept in `activation_ranges.json`, those of the demo album, so that a build without
photos gives the same bytes. They are of the photos in a folder and of changed copies of these:
mirrored, moved, darker, brighter, grey, blurred, compressed. What photos show beyond a range is
clipped when the 8-bit form runs, so the changes go as far as photos of a family album do.
"""

import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import equalise
import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper
from PIL import Image, ImageEnhance
from quantise import Range

from photoclust.core.arrays import Pixels
from photoclust.core.errors import UnreadableFileError
from photoclust.media.decode import read_picture
from photoclust.media.files import OriginalFile
from photoclust.vision import models
from photoclust.vision.crop import crop_face
from photoclust.vision.finder import FIRST_SIDE, WORKING_SIDE, FaceFinder, shrink, turned

PATH = Path(__file__).resolve().parent / "activation_ranges.json"
CHANGES_OF_A_FACE = 16
CHANGES_OF_A_PICTURE = 2
_DIGITS = 6


@dataclass(frozen=True)
class Reach:
    """How far the activations of a network reach: the range of each by its name, and the highest
    value of each channel of those that are equalised (`equalise.between`).
    """

    ranges: dict[str, Range]
    channels: dict[str, list[float]]


def read() -> dict[str, Reach]:
    """What is kept, by model."""
    kept = json.loads(PATH.read_text(encoding="utf-8"))
    return {
        model: Reach(
            {name: (low, high) for name, (low, high) in found["ranges"].items()}, found["channels"]
        )
        for model, found in kept.items()
    }


def write(reach: dict[str, Reach]) -> None:
    """Keep `reach` for the next builds, a line for each activation."""
    text = json.dumps({model: asdict(found) for model, found in reach.items()}, indent=1)
    # A list is no longer for having more numbers.
    text = re.sub(r"(?<=[\[\d,])\n\s+(?=[\d\]-])", " ", text)
    PATH.write_text(text + "\n", encoding="utf-8")


def measure(embedder: ModelProto, detector: ModelProto, folder: Path) -> dict[str, Reach]:
    """How far FaceNet's and CenterFace's activations reach on the photos in `folder`.

    Raises ValueError where no face is found there.
    """
    rng = np.random.default_rng(0)
    pictures = list(_pictures(folder))
    finder = FaceFinder(models.load_detector())
    crops = []
    for pixels in pictures:
        findings = finder.find(pixels)
        upright = turned(pixels, findings.turn)
        crops += [crop_face(upright, item.box) for item in findings.detections]
    if not crops:
        raise ValueError(f"no face was found in the photos of {folder}")
    faces = (changed(crop, rng) for crop in crops for _ in range(CHANGES_OF_A_FACE))
    looks = (look for pixels in pictures for look in _looks(pixels, rng))
    return {
        "facenet-vggface2": reach_of(embedder, (_normalised(face) for face in faces)),
        "centerface": reach_of(detector, (_channels_first(look) for look in looks)),
    }


def reach_of(source: ModelProto, batches: Iterable[NDArray[np.float32]]) -> Reach:
    """How far each activation of `source` reaches over all `batches`."""
    watched = ModelProto()
    watched.CopyFrom(source)
    constants = {item.name for item in source.graph.initializer}
    weights = {n for node in source.graph.node if node.input[0] in constants for n in node.output}
    known = {item.name for item in source.graph.output}
    names = [n for node in source.graph.node for n in node.output if n not in weights]
    watched.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
        for name in names
        if name not in known
    )
    session = onnxruntime.InferenceSession(
        watched.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    (entry,) = session.get_inputs()
    ranges: dict[str, Range] = {}
    channels: dict[str, NDArray[np.float32]] = {}
    equal = {name for _, name, _ in equalise.between(source)}
    for batch in batches:
        values = dict(zip(names, session.run(names, {entry.name: batch}), strict=True))
        for name, value in {entry.name: batch, **values}.items():
            low, high = ranges.get(name, (0.0, 0.0))
            ranges[name] = (min(low, float(value.min())), max(high, float(value.max())))
            if name in equal:
                highest = value.max(axis=(0, 2, 3))
                channels[name] = np.maximum(channels.get(name, highest), highest)
    return Reach(
        {name: (_rounded(low), _rounded(high)) for name, (low, high) in ranges.items()},
        {name: [_rounded(value) for value in highest] for name, highest in channels.items()},
    )


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def changed(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """`pixels` as another photo might have shown it, of the same size."""
    image = Image.fromarray(pixels)
    width, height = image.size
    if rng.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    reach = max(width, height) / 16
    shift = (int(rng.uniform(-reach, reach)), int(rng.uniform(-reach, reach)))
    image = image.rotate(rng.uniform(-10, 10), Image.Resampling.BILINEAR, translate=shift)
    cut = max(0.0, rng.uniform(-0.1, 0.1))
    box = (width * cut, height * cut, width * (1 - cut), height * (1 - cut))
    image = image.resize((width, height), Image.Resampling.BILINEAR, box=box)
    image = ImageEnhance.Brightness(image).enhance(rng.uniform(0.6, 1.4))
    image = ImageEnhance.Contrast(image).enhance(rng.uniform(0.6, 1.4))
    image = ImageEnhance.Color(image).enhance(float(rng.choice([0, 1, 1, 1])))
    if rng.random() < 0.75:  # a face that is small in its photo
        share = np.exp(rng.uniform(np.log(0.14), 0))
        small = (max(1, round(width * share)), max(1, round(height * share)))
        image = image.resize(small, Image.Resampling.BILINEAR)
        image = image.resize((width, height), Image.Resampling.BILINEAR)
    if rng.random() < 0.5:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=int(rng.uniform(30, 90)))
        image = Image.open(buffer)
    return np.asarray(image.convert("RGB"))


def _pictures(folder: Path) -> Iterator[Pixels]:
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        try:
            with OriginalFile(path) as original:
                yield read_picture(original, max_side=WORKING_SIDE).pixels
        except UnreadableFileError:  # a text beside the photos
            continue


def _looks(pixels: Pixels, rng: np.random.Generator) -> Iterator[Pixels]:
    """What a detector sees of a picture: the whole of it at several scales, each also changed."""
    for side in (FIRST_SIDE // 2, FIRST_SIDE, WORKING_SIDE):
        look = shrink(pixels, side)
        yield look
        for _ in range(CHANGES_OF_A_PICTURE):
            yield changed(look, rng)


def _channels_first(look: Pixels) -> NDArray[np.float32]:
    """CenterFace's input: sides that are multiples of 32, filled up with black."""
    height, width = (-(-side // 32) * 32 for side in look.shape[:2])
    batch = np.zeros((1, 3, height, width), np.float32)
    batch[0, :, : look.shape[0], : look.shape[1]] = look.transpose(2, 0, 1)
    return batch


def _normalised(face: Pixels) -> NDArray[np.float32]:
    """FaceNet's input."""
    return ((face.transpose(2, 0, 1)[None].astype(np.float32) - 127.5) / 128).astype(np.float32)
