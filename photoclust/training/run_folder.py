"""The folder of one training: what it was asked, what it reads, how far it is, what came of it.

run.json        what was asked: options, the model that is trained and the one in use
faces.npz …     the faces (`faces.py`), as long as it is not done
<mining>/       a training by this way of mining: its checkpoint and its curve, a line a look
model/          the new model as a library keeps it
report/         what a person reads
result.json     what came of it; a run without one was cut off and can be gone on with
failure.json    why it failed when it was last tried
"""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.paths import make_private_folder
from photoclust.training.options import Options

RUN_FILE, RESULT_FILE, CURVE_FILE = "run.json", "result.json", "curve.jsonl"
FAILURE_FILE = "failure.json"
MODEL, REPORT, CHECK_FILE = "model", "report", "check.npz"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Request:
    """What a run was asked: its `options`; the record of the bundled model that is trained (`base`,
    as in its manifest) and the id of the model `in_use`; `model`, the id that a new one gets; the
    `names` of people by number; `without_strangers`: that it may be accepted though nothing shows
    whether strangers suffer.
    """

    options: Options
    base: Mapping[str, Any]
    in_use: str
    model: str
    names: tuple[str, ...] = ()
    without_strangers: bool = False

    def as_json(self) -> dict[str, Any]:
        """For `run.json`."""
        return {
            "format": _FORMAT,
            "options": self.options.as_json(),
            "base": dict(self.base),
            "in_use": self.in_use,
            "model": self.model,
            "names": list(self.names),
            "without_strangers": self.without_strangers,
        }


def write_request(folder: Path, request: Request) -> None:
    """Write `run.json`. Raises UserError when it cannot be written."""
    write_json(folder / RUN_FILE, request.as_json())


def read_request(folder: Path) -> Request:
    """What `write_request` wrote. Raises UserError when it is damaged or of another version."""
    path = folder / RUN_FILE
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values.pop("format") != _FORMAT:
            raise UserError(
                tr(
                    "the run {run} was begun by another version of photoclust; start the training "
                    "anew",
                    run=folder.name,
                )
            )
        options, names = Options.from_json(values.pop("options")), tuple(values.pop("names"))
        return Request(options=options, names=names, **values)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError(
            tr(
                "the run {run} cannot be read ({error}); start the training anew",
                run=folder.name,
                error=error,
            )
        ) from error


def read_result(folder: Path) -> dict[str, Any] | None:
    """What came of the run; None where it was cut off."""
    try:
        found = json.loads((folder / RESULT_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def write_failure(folder: Path, reason: str | None) -> None:
    """Keep why the run failed; None where it is tried again. Raises UserError when it cannot be
    written.
    """
    path = folder / FAILURE_FILE
    if reason is not None:
        write_json(path, {"reason": reason})
        return
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from error


def read_failure(folder: Path) -> str | None:
    """Why the run failed when it was last tried; None where it did not, or that is unreadable."""
    try:
        return str(json.loads((folder / FAILURE_FILE).read_text(encoding="utf-8"))["reason"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_json(path: Path, value: object) -> None:
    """Write `value` to `path`, whole or not at all. Raises UserError when it cannot be written."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=".tmp")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(value, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError) -> UserError:
    """What to tell a user when `path` could not be written."""
    return UserError(
        tr(
            "{path} cannot be written ({reason}); make room on the disk, or check the permissions "
            "of the folder",
            path=path,
            reason=error.strerror or error,
        )
    )


class Curve:
    """The looks of one training, kept line by line so that others can read along.

    Every part of it raises UserError when it cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._path = make_private_folder(folder) / CURVE_FILE

    def restart(self, looks: list[dict[str, float]]) -> None:
        """Only these looks have been."""
        self._write("w", looks)

    def add(self, look: dict[str, float]) -> None:
        """One more."""
        self._write("a", [look])

    def _write(self, mode: str, looks: list[dict[str, float]]) -> None:
        lines = "".join(json.dumps(look) + "\n" for look in looks)
        try:
            with self._path.open(mode, encoding="utf-8") as file:
                file.write(lines)
            self._path.chmod(0o600)
        except OSError as error:
            raise cannot_write(self._path, error) from error


def read_curve(folder: Path) -> list[dict[str, float]]:
    """The looks so far; a line that is not whole yet is left out."""
    try:
        lines = (folder / CURVE_FILE).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    looks = []
    for line in lines:
        try:
            looks.append(json.loads(line))
        except ValueError:
            break
    return looks
