"""What a search tells other programs, as `reports` does for the rest."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from photoclust.core.types import FaceId, PersonId, Photo, PhotoId
from photoclust.services import reports

if TYPE_CHECKING:
    from photoclust.services.searching import Found


def found(
    search: "Found",
    photos: Sequence[Photo],
    names: Mapping[PhotoId, Sequence[tuple[PersonId, str]]],
    without_face: Mapping[PhotoId, Sequence[tuple[PersonId, str | None]]],
    faces: Mapping[PhotoId, Sequence[FaceId]],
) -> dict[str, Any]:
    """What was found and what each part of the query was taken for; `photos` are those listed, of
    `total` (with every form of a shot `total_all_forms`), each with who is in it, with a face or
    without one, and the `faces` of the people that were looked for.

    Places in the query count its characters from 0, `end` being the first one behind. `photos` of a
    part is how many photos have a file or folder called so, null where it is about something else.
    `hint` says why nothing was found, null where something was.
    """
    return {
        "query": search.text,
        "parts": [
            {
                "start": part.start,
                "end": part.end,
                "kind": part.kind.value,
                "says": part.says,
                "left_out": part.left_out,
                "people": [f"p{person}" for person in part.people],
                "photos": part.photos,
            }
            for part in search.meanings
        ],
        "total": len(search.shots.shown),
        "total_all_forms": len(search.photos),
        "hint": search.hint,
        "photos": [
            {
                **report,
                "people": [
                    {"person": f"p{person}", "name": name}
                    for person, name in names.get(photo.id, ())
                ],
                "faces": [f"f{face}" for face in faces.get(photo.id, ())],
            }
            for photo, report in zip(
                photos, reports.photos(photos, without_face, search.shots), strict=True
            )
        ],
    }
