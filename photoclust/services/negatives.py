"""What the user says of film negatives, and looking for faces again in what they say that it is.

To say it is an act, which can be undone. Where by then the faces of a photo were looked for in the
other of negative and positive, they are looked for again: at once after saying so, else by the next
scan. The file itself is never written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from photoclust.core.errors import UnreadableFileError
from photoclust.core.language import marked
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import FaceId, LibraryChanges, ModelId, PhotoId
from photoclust.media.files import OriginalFile
from photoclust.services import child, computing, embedding_model
from photoclust.services.analysis import AnalysisOptions, Analyst, PhotoAnalysis, SamePicture
from photoclust.services.thumbnail_care import photo_thumbnail_key, thumbnails
from photoclust.store import faces as face_store
from photoclust.store import people as people_store
from photoclust.store import photos as photo_store
from photoclust.store.database import Library
from photoclust.store.journal import Act

STAGE = marked("Looking for faces in negatives again")
SAID, DENIED = "negative", "no negative"
"""The kinds of the acts."""


@dataclass(frozen=True, slots=True)
class _Task:
    """A photo with a file that is there, to be looked at as a negative or not."""

    photo: PhotoId
    path: Path
    negative: bool


def say(
    library: Library,
    photos: Sequence[PhotoId],
    negative: bool,
    settings: Settings,
    *,
    control: JobControl | None = None,
) -> LibraryChanges:
    """Say whether photos are film negatives, and look for their faces again; one act.

    Those of which no file is there now are looked at when they are scanned again. Raises ModelError
    when a model is damaged, CancelledError when cancelled; what was said stands then.
    """
    with library.write() as tx:
        act = Act(tx, SAID if negative else DENIED, {"photos": len(set(photos))})
        people_store.say_negative(act, photos, negative)
        said = act.finish()
    forget_pictures(library, said.photos)
    return LibraryChanges.joined((said, look_again(library, settings, control=control)))


def look_again(
    library: Library,
    settings: Settings,
    *,
    control: JobControl | None = None,
    on_changes: Callable[[LibraryChanges], None] = lambda _: None,
) -> LibraryChanges:
    """Look for faces again in the photos that are not by now what they were looked at as; those
    without a readable file stay as they are. A face that is found again keeps its name.

    Raises as `say`; when cancelled, nothing is written.
    """
    control = control or JobControl()
    with library.read() as tx:
        stale = photo_store.photos(tx, photo_store.to_look_at_again(tx))
    tasks = [_Task(photo.id, photo.paths[0], photo.negative) for photo in stale if photo.present]
    if not tasks:
        return LibraryChanges()
    options = AnalysisOptions(
        detector=ModelId(settings.detector),
        embedder=embedding_model.current_model(library, settings),
        own_models=embedding_model.own_models_of(library),
        compute=computing.compute_of(settings),
    )
    options = computing.decided(options, files=len(tasks), control=control)
    looks = [(task.path, task.negative) for task in tasks]
    found = child.call(analyse, looks, options, control=control, reporting=True)
    changes = LibraryChanges.joined(
        _write(library, task, analysis, options.embedder)
        for task, analysis in zip(tasks, found, strict=True)
        if analysis is not None
    )
    on_changes(changes)
    return changes


def analyse(
    looks: Sequence[tuple[Path, bool]], options: AnalysisOptions, *, control: JobControl
) -> list[PhotoAnalysis | None]:
    """What there is in files that are negatives or not, as is said; None for one that cannot be
    read.
    """
    analysts = {
        negative: Analyst(replace(options, negative=negative)) for _, negative in sorted(looks)
    }
    found: list[PhotoAnalysis | None] = []
    for done, (path, negative) in enumerate(looks):
        control.report(STAGE, done, len(looks))
        analyst = analysts[negative]
        try:
            with OriginalFile(path) as original:
                pending = analyst.look(original, original.content_hash())
        except UnreadableFileError:
            found.append(None)
        else:
            assert not isinstance(pending, SamePicture)  # nobody said that one is known
            found += analyst.embed([pending])
    return found


def forget_pictures(library: Library, photos: frozenset[PhotoId]) -> None:
    """Have the thumbnails of photos and of their faces made again when they are next shown."""
    with library.read() as tx:
        faces = face_store.face_ids(tx, sorted(photos))
    thumbnails(library).remove([*map(photo_thumbnail_key, photos), *map(str, faces)])


def _write(
    library: Library, task: _Task, analysis: PhotoAnalysis, model: ModelId
) -> LibraryChanges:
    size = (analysis.width, analysis.height)
    with library.write() as tx:
        # The file may hold another photo by now, which the next scan finds.
        if photo_store.find_by_hash(tx, analysis.digest) != task.photo:
            return LibraryChanges()
        before = face_store.face_ids(tx, [task.photo])
        faces = face_store.replace_faces(
            tx, task.photo, analysis.faces, size, model, same_picture=True
        )
        photo_store.note_new_look(
            tx, task.photo, negative=task.negative, turn=analysis.turn, look=analysis.look
        )
    cache = thumbnails(library)
    cache.put(photo_thumbnail_key(task.photo), analysis.photo_thumbnail)
    for face, jpeg in zip(faces, analysis.thumbnails, strict=True):
        cache.put(str(face), jpeg)
    touched: frozenset[FaceId] = frozenset((*before, *faces))
    return LibraryChanges(frozenset((task.photo,)), touched)
