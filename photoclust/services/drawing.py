"""Faces that the user draws where the detector found none, and boxes that the user changes."""

from dataclasses import replace
from pathlib import Path

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import (
    Box,
    Detection,
    FaceId,
    FoundFace,
    LibraryChanges,
    ModelId,
    Photo,
    PhotoId,
)
from photoclust.media.files import OriginalFile
from photoclust.services import browse, child, computing, embedding_model, roots
from photoclust.services.analysis import AnalysisOptions
from photoclust.services.cutting import cut_known
from photoclust.services.keys import require_faces
from photoclust.services.naming import person_called
from photoclust.services.same_shot import carry_names
from photoclust.store import faces as face_store
from photoclust.store import people as people_store
from photoclust.store.database import Library
from photoclust.store.journal import Act
from photoclust.vision.finder import turned_back
from photoclust.vision.quality import face_quality

MIN_SIDE_PX = 8
"""A smaller box is a slip of the hand."""
_LANDMARKS = ((0.31, 0.40), (0.69, 0.40), (0.50, 0.61), (0.35, 0.79), (0.65, 0.79))
"""Where eyes, nose and mouth corners lie in the box of an upright frontal face, on average."""


def draw(
    library: Library,
    photo_id: PhotoId,
    box: Box,
    settings: Settings,
    *,
    name: str | None = None,
    control: JobControl | None = None,
) -> tuple[FaceId, LibraryChanges]:
    """Say that there is a face in `box` (px of the upright photo), and whose if `name` is given.

    It gets a vector like any other face. One act. Raises UserError when the box does not lie in the
    photo or is too small, UnreadableFileError when no file of the photo can be read.
    """
    photo = browse.existing_photo(library, photo_id)
    found, model = _look(library, photo, box, settings, control)
    with library.write() as tx:
        act = Act(tx, "draw")
        face = face_store.add_drawn_face(tx, photo_id, found, _size(photo), model)
        people_store.exclude(act, [face], False)
        if name is not None:
            person = person_called(act, name)
            people_store.confirm(act, [face], person)
            act.note_person(person, people_store.person_name(tx, person) or "")
            carry_names(act)
        return face, act.finish()


def resize(
    library: Library,
    key: str,
    box: Box,
    settings: Settings,
    *,
    control: JobControl | None = None,
) -> tuple[FaceId, LibraryChanges]:
    """Say that the face `key` (`f9`), found or drawn, is in `box` (px of the upright photo).

    Its vector is of what is in the box, so that a face with another box is another face, with an
    id of its own: a drawn one, of whom all is said that was said of the one before, which is none
    any more. To undo is to go back to that one. One act. Raises as `draw`, and UserError when there
    is no such face, or it is none.
    """
    with library.read() as tx:
        (number,) = require_faces(tx, [key])
        (old,) = face_store.faces(tx, ids=[number])
    if old.excluded:
        raise UserError(
            tr(
                "f{number} is no face, as you said; photoclust not-a-face takes it back",
                number=number,
            )
        )
    photo = browse.existing_photo(library, old.photo)
    found, model = _look(library, photo, box, settings, control)
    with library.write() as tx:
        act = Act(tx, "resize", {"face": f"f{number}"})
        new = face_store.add_drawn_face(tx, photo.id, found, _size(photo), model)
        # Who was shown may have changed while the picture was looked at.
        shown = face_store.faces(tx, ids=[number])[0].person
        people_store.put_in_place(act, number, new)
        if shown is not None:
            act.note_person(shown, people_store.person_name(tx, shown) or "")
        return new, act.finish()


def _look(
    library: Library, photo: Photo, box: Box, settings: Settings, control: JobControl | None
) -> tuple[FoundFace, ModelId]:
    """What is in `box` of `photo`, and the model of its vector. Raises as `draw`."""
    library.require_writable()
    inside = box.x >= 0 and box.y >= 0
    inside &= box.x + box.w <= photo.width and box.y + box.h <= photo.height
    if not inside or min(box.w, box.h) < MIN_SIDE_PX:
        raise UserError(
            tr(
                "the box {x:.0f}, {y:.0f}, {w:.0f} × {h:.0f} px is no part of the photo of "
                "{width} × {height} px, or less than {least} px wide; draw it inside the photo",
                x=box.x,
                y=box.y,
                w=box.w,
                h=box.h,
                width=photo.width,
                height=photo.height,
                least=MIN_SIDE_PX,
            )
        )
    file = roots.require_file(library, photo)
    model = embedding_model.current_model(library, settings)
    options = AnalysisOptions(
        embedder=model,
        own_models=embedding_model.own_models_of(library),
        compute=computing.compute_of(settings),
    )
    options = computing.decided(options, files=1)
    found = child.call(
        look_at, file, box, photo.turn, options, negative=photo.negative, control=control
    )
    return found, model


def look_at(
    path: Path, box: Box, turn: int, options: AnalysisOptions, *, negative: bool = False
) -> FoundFace:
    """What there is to know of the face in `box` (px of the upright picture in `path`); `turn` is
    by how many degrees, counter-clockwise, the faces say that it must still be turned, `negative`
    whether it is one of film.
    """
    embedder = options.load_embedder()
    with OriginalFile(path) as original:
        found = cut_known(original, [box], turn, embedder.spec.input_size or 160, negative=negative)
    (standing,), (crop,) = found.boxes, found.crops
    points = tuple(
        (standing.x + x * standing.w, standing.y + y * standing.h) for x, y in _LANDMARKS
    )
    upright = Detection(standing, points, score=1.0)
    picture = found.picture
    stored = turned_back(upright.scaled(1 / picture.scale), turn, picture.width, picture.height)
    quality = face_quality(crop, upright, max(box.w, box.h))
    stored = replace(stored, box=box)
    (vector,) = embedder.embed(crop[None])
    return FoundFace(stored, quality, vector, embedder.engine)


def _size(photo: Photo) -> tuple[int, int]:
    return photo.width, photo.height
