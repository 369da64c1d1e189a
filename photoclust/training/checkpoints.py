"""What a training that was killed goes on from: tensors and plain values, never pickled code."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from photoclust.core.errors import UserError
from photoclust.training import failures

CHECKPOINT = "checkpoint.pt"


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A training after `step` steps.

    State dicts of what is trained, of what is learnt along with it, of the optimizer and of the
    `watch` for a collapse; the `history` of its looks; who was easily confused from which step on
    (`lookalikes`); `best`, the state with the best VAL on watched faces so far, and `best_val`,
    that VAL at each of FARS and the step.
    """

    step: int
    trainee: dict[str, Any]
    objective: dict[str, Any]
    optimizer: dict[str, Any]
    watch: dict[str, float]
    history: list[dict[str, float]]
    lookalikes: list[tuple[int, dict[int, list[int]]]]
    best: dict[str, Any] | None = None
    best_val: tuple[float, ...] = ()

    def save(self, folder: Path) -> None:
        """Write it to `folder`; the one before stays whole until it is.

        Raises UserError when the disk is full or cannot be written.
        """
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        try:
            handle, name = tempfile.mkstemp(dir=folder, prefix=".checkpoint-", suffix=".tmp")
            temporary = Path(name)
            try:
                with os.fdopen(handle, "wb") as file:
                    torch.save(values, file)
                    file.flush()
                    os.fsync(file.fileno())
                temporary.replace(folder / CHECKPOINT)
            finally:
                temporary.unlink(missing_ok=True)
        except (OSError, RuntimeError) as error:
            # torch reports a full disk as a RuntimeError of its zip writer.
            raise UserError(failures.NOT_KEPT.format(folder=folder, why=error)) from error

    @classmethod
    def load(cls, folder: Path) -> "Checkpoint | None":
        """That of `folder`; None where there is none. Raises UserError when it is damaged."""
        path = folder / CHECKPOINT
        if not path.exists():
            return None
        try:
            return cls(**torch.load(path, map_location="cpu", weights_only=True))
        except Exception as error:  # torch raises many kinds for a damaged file
            raise UserError(
                f"the checkpoint {path} is damaged; delete the folder {folder} and train anew"
            ) from error
