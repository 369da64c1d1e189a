"""Taking over a checkpoint of facenet-pytorch: a file with the weights of an InceptionResnetV1.

A checkpoint of torch is a pickle, and a pickle can bear code. Only tensors and plain containers
are read here (`weights_only`), never a file that asks for more, whoever it comes from.
"""

import pickle
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch

from photoclust.core.errors import UserError
from photoclust.training.backbones.inception_resnet import DIMENSION, inception_resnet_v1
from photoclust.training.backbones.stages import Backbone

_SIDE = 160
_CLASSIFIER = "logits."
"""The layer that named the people of the training set; an embedding does without."""
_COUNTER = ".num_batches_tracked"
"""Checkpoints of old versions lack it, and frozen batch norm does not look at it."""
_NAMED = 3
_ADVICE = "choose a file of weights that facenet-pytorch's InceptionResnetV1 was saved to"


def load_checkpoint(path: Path) -> Backbone:
    """The network with the weights of the state dict at `path`, in evaluation mode.

    Its crops are standardised as those of the bundled network, as facenet-pytorch's are. Raises
    UserError when the file is missing, damaged, no checkpoint, holds code, or holds the weights of
    another network.
    """
    state = _tensors(path)
    with torch.device("meta"):
        model = inception_resnet_v1(DIMENSION, _SIDE)
    model.to_empty(device="cpu")
    expected = model.stages.state_dict()
    _check(path, state, expected)
    for key, tensor in expected.items():
        if key.endswith(_COUNTER):
            tensor.zero_()
        else:
            tensor.copy_(state[key])
    return model.eval()


def _tensors(path: Path) -> dict[str, Any]:
    """What the file holds, without the classifier."""
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise UserError(f"the checkpoint {path} is missing; check its name") from error
    except OSError as error:
        raise UserError(
            f"the checkpoint {path} cannot be read ({error.strerror}); check what it is, and its "
            "permissions"
        ) from error
    try:
        with file, warnings.catch_warnings():
            # It wonders aloud about pickles that torch did not write; they are refused below.
            warnings.simplefilter("ignore")
            content = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file raises whatever its bytes happen to lead to
        if isinstance(error, pickle.UnpicklingError) and "GLOBAL" in str(error):
            raise UserError(
                f"{path} holds more than weights, code perhaps, and was not opened; save the "
                "network's state_dict() alone, or choose another file"
            ) from error
        raise UserError(f"{path} is no checkpoint of torch, or damaged; {_ADVICE}") from error
    if not isinstance(content, Mapping) or not all(isinstance(key, str) for key in content):
        raise UserError(f"{path} holds no weights by name; {_ADVICE}")
    return {key: value for key, value in content.items() if not key.startswith(_CLASSIFIER)}


def _check(path: Path, state: Mapping[str, Any], expected: Mapping[str, torch.Tensor]) -> None:
    needed = [key for key in expected if not key.endswith(_COUNTER)]
    if missing := [key for key in needed if key not in state]:
        raise UserError(f"{path} lacks the weights {_listed(missing)}; {_ADVICE}")
    if foreign := [key for key in state if key not in expected]:
        raise UserError(f"{path} has weights of another network, {_listed(foreign)}; {_ADVICE}")
    if wrong := [key for key in needed if not _fits(state[key], expected[key])]:
        raise UserError(
            f"{path} has weights of another shape or kind than InceptionResnetV1, "
            f"{_listed(wrong)}; {_ADVICE}"
        )
    if broken := [key for key in needed if not bool(torch.isfinite(state[key]).all())]:
        raise UserError(
            f"{path} has weights that are no numbers, {_listed(broken)}: its training failed; "
            "choose an earlier checkpoint"
        )


def _fits(value: Any, expected: torch.Tensor) -> bool:
    return (
        isinstance(value, torch.Tensor)
        and value.device.type == "cpu"
        and value.layout == torch.strided
        and value.is_floating_point()
        and value.shape == expected.shape
    )


def _listed(keys: Iterable[str]) -> str:
    keys = list(keys)
    more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
    return ", ".join(keys[:_NAMED]) + more
