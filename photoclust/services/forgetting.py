"""Forgetting people for good: no name, face or vector of theirs is left in any file of the library.

What the library's file says is changed in one transaction. Its free space, thumbnails, backups, own
models and the log come after; an entry of the journal that still runs tells that this is not done
yet, so that the next `finish` goes on where it was cut off.
"""

import json
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photoclust.core import logs
from photoclust.core.errors import UserError
from photoclust.core.paths import INDEXES, METADATA, OWN_MODELS, THUMBNAILS, TRAINING
from photoclust.core.types import EntryStatus, ModelId
from photoclust.services import leftovers
from photoclust.services.keys import parse_key
from photoclust.store import backups, embeddings, journal, wiping
from photoclust.store.database import Library, Transaction
from photoclust.store.redaction import Doomed
from photoclust.training.faces import CROPS_FILE, FACES_FILE

PEOPLE_FILE = "people.json"
"""In the folder of a training run or own model: the uids of the people it was trained on."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Who is forgotten or would be: their names, how many faces, and the own models and training
    runs that go because these people's faces are in them.
    """

    names: tuple[str, ...]
    faces: int
    models: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()


def preview(library: Library, key: str) -> Forgotten:
    """What `forget_person` would forget. Raises as it does."""
    with library.read() as tx:
        doomed = _look_up(tx, key)
    return _forgotten(library.folder, doomed)


def forget_person(library: Library, key: str) -> Forgotten:
    """Forget the person `key` (`p7`), and whoever was merged into them.

    Their faces go, with all that was decided about these. What was done about others can be undone
    and redone as before. Photos stay and are not looked at again as long as their files do not
    change. Raises UserError when there was never such a person, they are part of another one, or
    the library cannot be written.
    """
    library.require_writable()
    finish(library)
    with library.write() as tx:
        doomed = _look_up(tx, key)
        forgotten = _forgotten(library.folder, doomed)
        wiping.forget_people(tx, doomed)
        for model in forgotten.models:
            embeddings.drop(tx, ModelId(model))
        details = {"faces": forgotten.faces, "models": forgotten.models, "runs": forgotten.runs}
        journal.add_entry(tx, wiping.FORGET, details, status=EntryStatus.RUNNING)
    finish(library)
    return forgotten


def forget_everybody(library: Library) -> Forgotten:
    """Forget every face, person and decision, and the journal; photos are looked at again by the
    next scan. Raises UserError when the library cannot be written.
    """
    with library.write() as tx:
        faces = wiping.forget_everybody(tx)
        details = {"faces": faces}
        journal.add_entry(tx, wiping.FORGET_ALL, details, status=EntryStatus.RUNNING)
    finish(library)
    return Forgotten((), faces)


def is_unfinished(library: Library) -> bool:
    """Whether a forgetting was cut off; `finish` brings it to its end."""
    with library.read() as tx:
        return bool(wiping.pending(tx))


def finish(library: Library) -> bool:
    """Bring every forgetting that has begun to its end; says whether there was one.

    Raises UserError when something cannot be deleted, or another photoclust looks at the library.
    """
    with library.read() as tx:
        pending = wiping.pending(tx)
    if not pending:
        return False
    everybody = any(kind == wiping.FORGET_ALL for _, kind, _ in pending)
    try:
        for _, _, details in pending:
            _remove_files(library, details, everybody=everybody)
        leftovers.sweep_thumbnails(library)
        leftovers.remove(leftovers.temporary_files(library.folder))
        backups.remove_all(library.folder)
        logs.clear()
    except OSError as error:
        raise UserError(
            f"{error.filename} cannot be deleted ({error.strerror}), so not everything is "
            "forgotten; close what has it open and run the command again"
        ) from error
    with library.write() as tx:
        wiping.shorten_pending(tx)
    library.run_outside(wiping.scrub)
    with library.write() as tx:
        for entry, _, _ in pending:
            journal.end_run(tx, entry, EntryStatus.STANDS)
    if not everybody:
        library.run_outside(lambda connection: backups.rotate(connection, library.folder))
    return True


def _look_up(tx: Transaction, key: str) -> Doomed:
    _, number = parse_key(key, "p")
    doomed = wiping.look_up(tx, number)
    if doomed is None:
        raise UserError(f"there is no {key} to forget; photoclust people lists the ids")
    return doomed


def _forgotten(folder: Path, doomed: Doomed) -> Forgotten:
    return Forgotten(
        tuple(sorted(doomed.names)),
        len(doomed.faces),
        _trained_on(folder / OWN_MODELS, doomed.uids),
        _trained_on(folder / TRAINING, doomed.uids),
    )


def _trained_on(folder: Path, uids: Collection[str]) -> tuple[str, ...]:
    """The folders in `folder` that were made from faces of `uids`, or from nobody knows whose."""
    places = sorted(path for path in folder.glob("*") if path.is_dir())
    return tuple(place.name for place in places if not _is_free_of(place, uids))


def _is_free_of(place: Path, uids: Collection[str]) -> bool:
    if any((place / name).exists() for name in (FACES_FILE, CROPS_FILE)):
        # Whom a name is given today may be among the faces that had none.
        return False
    try:
        people = json.loads((place / PEOPLE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(people, list) and not any(person in uids for person in people)


def _remove_files(library: Library, details: Mapping[str, Any], *, everybody: bool) -> None:
    folder = library.folder
    if everybody:
        doomed = [folder / part for part in (THUMBNAILS, OWN_MODELS, TRAINING)]
    else:
        doomed = [folder / OWN_MODELS / name for name in details.get("models", ())]
        doomed += [folder / TRAINING / name for name in details.get("runs", ())]
    # What photos said before names went into them may say the same names.
    for path in (*doomed, folder / INDEXES, folder / METADATA):
        if path.exists():
            shutil.rmtree(path)
