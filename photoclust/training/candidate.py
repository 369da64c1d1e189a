"""The new model as a library keeps it: its files, and the record that says how to run them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from photoclust.core import metrics
from photoclust.core.arrays import Vectors
from photoclust.core.paths import make_private_folder, resource
from photoclust.core.types import ModelFile
from photoclust.training import recipes
from photoclust.training.export import Exported
from photoclust.training.faces import RunFaces
from photoclust.training.gate import Sets
from photoclust.training.measures import far_name
from photoclust.training.options import Kind
from photoclust.training.recipes import Recipe
from photoclust.training.run_folder import Request, write_json
from photoclust.training.telling import set_rows

MANIFEST = "manifest.json"
_FARS = {"far_1e-3": 1e-3, "far_1e-4": 1e-4}


def write(
    recipe: Recipe,
    folder: Path,
    request: Request,
    faces: RunFaces,
    *,
    vectors: Mapping[str, Vectors],
    sets: Sets,
) -> str:
    """Write the model trained by `recipe` to `folder`; its id. `vectors` are the new ones of each
    set that was compared.

    Raises UserError when it cannot be written.
    """
    whole, head = recipes.write(recipe, folder)
    record = _record(whole, request, faces, sets)
    if request.options.recipe is Kind.SCRATCH:
        # Its cosines are its own: what those of the bundled model are worth says nothing.
        record["thresholds"] = _thresholds(faces, vectors)
        record["calibration"] = {}
    if head is not None:
        record["files"].append(_file(head.file))
        record["head"] = {"of": request.base["id"], "file": head.file.name}
    if request.options.harmonic:
        record["comparable_with"] = request.base["id"]
    write_json(folder / MANIFEST, [record])
    _copy_licence(record["licence_file"], folder)
    return request.model


def _copy_licence(name: str, folder: Path) -> None:
    """Put the bundled model's licence, which holds for what comes of it, beside the new one."""
    target = folder / name
    make_private_folder(target.parent)
    target.write_bytes(resource("models", *name.split("/")).read_bytes())
    target.chmod(0o600)


def _record(whole: Exported, request: Request, faces: RunFaces, sets: Sets) -> dict[str, Any]:
    """What the list of models says about it, as of the one it was trained from."""
    base, options = request.base, request.options
    people = len(np.unique(faces.person[faces.train]))
    after = sets.trained.after
    return {
        **base,
        "id": request.model,
        "title": f"{base['title']}; trained on {people} people ({options.recipe.value})",
        "files": [_file(whole.file)],
        "int8_files": [],  # those of the base are no form of what was trained
        "source": {**base["source"], "trained_from": base["id"]},
        "input_size": whole.input_size,
        "channel_order": whole.channel_order,
        "mean": whole.mean,
        "std": whole.std,
        "dimension": whole.dimension,
        "accuracy": {
            "data": f"{after.faces} other photos of the {after.people} people it was trained on",
            **{f"val_at_far_{far_name(far)}": val for far, val in after.val_at_far.items()},
            "eer": after.eer,
        },
        "trained": {
            "recipe": options.recipe.value,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "people": people,
            "faces": len(faces.train),
        },
    }


def _thresholds(faces: RunFaces, vectors: Mapping[str, Vectors]) -> dict[str, float]:
    """Cosines that so few pairs of different people reach, and at which most pairs are told right,
    by all faces that were compared.
    """
    genuine, impostor = [], []
    for name, rows in set_rows(faces).items():
        known = np.flatnonzero(faces.person[rows] >= 0)
        pairs = metrics.pair_similarities(vectors[name][known], faces.person[rows[known]])
        genuine.append(pairs[0])
        impostor.append(pairs[1])
    same, different = np.concatenate(genuine), np.concatenate(impostor)
    steps = np.linspace(-1, 1, 2001)
    wrong = [np.mean(same <= step) + np.mean(different > step) for step in steps]
    return {
        "same": float(steps[int(np.argmin(wrong))]),
        **{name: metrics.threshold_at_far(different, far) for name, far in _FARS.items()},
    }


def _file(file: ModelFile) -> dict[str, Any]:
    return {"name": file.name, "sha256": file.sha256, "size": file.size}
