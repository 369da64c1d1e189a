"""What the program tells other programs: each result as a plain value that JSON can hold.

The keys written here are a promise to scripts; numbers are rounded to what they are worth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photoclust.core.errors import ModelError
from photoclust.core.forms import Shots
from photoclust.core.types import (
    Box,
    Face,
    Failure,
    Group,
    JournalEntry,
    LibraryChanges,
    ModelSpec,
    PersonId,
    Photo,
    PhotoId,
)
from photoclust.vision import models

if TYPE_CHECKING:  # they load half of photoclust, which most commands do not need
    from photoclust.services.differences import Difference
    from photoclust.services.exchange import ExportReport, ImportReport
    from photoclust.services.grouping import GroupingReport
    from photoclust.services.ingest import ScanReport
    from photoclust.services.names_in import LeftName, NamesReport
    from photoclust.services.proposing import Applied, Proposal
    from photoclust.services.same_photo import SamePhoto
    from photoclust.services.stacking import Stack


def scan(report: "ScanReport") -> dict[str, Any]:
    """What a scan did. `placeholders` lie in the cloud only, `skipped` fit a skip pattern, and for
    `raw`, `videos` and `pdfs` an extra is not installed; `documents` are PDF files without photos;
    `went` files went away before they were read.
    """
    return {
        "photos": report.photos,
        "unchanged": report.unchanged,
        "faces": report.faces,
        "failed": failures(report.failed),
        "seconds": round(report.seconds, 3),
        "photos_per_second": round(report.photos_per_second, 3),
        "placeholders": report.placeholders,
        "skipped": report.skipped,
        "went": report.went,
        "raw": report.raw,
        "videos": report.videos,
        "pdfs": report.pdfs,
        "documents": report.documents,
        "deleted": report.deleted,
        "offline": report.offline,
        "silent": [str(path) for path in report.silent],
        "returned": report.returned,
        "names": names(report.names),
        "engines": {model: str(engine) for model, engine in report.engines.items()},
    }


def names(report: "NamesReport") -> dict[str, Any]:
    """What became of names from other programs; `entry` is the act that can be undone."""
    return {
        "names": report.names,
        "drawn": report.drawn,
        "tagged": report.tagged,
        "photos": report.photos,
        "people": report.people,
        "new_people": report.new_people,
        "same": report.same,
        "others": report.others,
        "contradicting": report.contradicting,
        "nameless": report.nameless,
        "strangers": report.strangers,
        "unknown_photos": report.unknown_photos,
        "conflicts": [_left_name(each) for each in report.conflicts],
        "left": [_left_name(each) for each in report.left],
        "problems": list(report.problems),
        "entry": report.entry,
    }


def _left_name(left: "LeftName") -> dict[str, Any]:
    return {
        "photo": None if left.path is None else str(left.path),
        "box": None if left.box is None else box_values(left.box),
        "name": left.name,
        "here": left.ours,
        "reason": left.reason,
    }


def grouping(report: "GroupingReport") -> dict[str, Any]:
    """What a grouping made; `kept` tells how the groups were made where another way was asked."""
    return {
        "faces": report.faces,
        "clusters": report.clusters,
        "unclustered": report.unclustered,
        "joined": report.joined,
        "new": report.new,
        "kept": None
        if report.kept is None
        else {"method": report.kept[0], "model": report.kept[1]},
        "may_be_one": [
            {
                "ids": [each.one, each.other],
                "names": [each.one_name, each.other_name],
                "similarity": each.similarity,
            }
            for each in report.may_be_one
        ],
        "seconds": round(report.seconds, 3),
    }


def proposal(proposed: "Proposal") -> dict[str, Any]:
    """What another grouping would change, and the number to apply it by."""
    return {
        "proposal": proposed.id,
        "method": proposed.method,
        "model": proposed.model,
        **_difference(proposed.difference),
    }


def applied(number: int, done: "Applied") -> dict[str, Any]:
    """What a proposal changed; `back` is the one that brings the groups from before back."""
    return {
        "proposal": number,
        "entry": done.entry,
        "back": done.back,
        **_difference(done.difference),
    }


def same_photo(found: "SamePhoto") -> dict[str, Any]:
    """Where one person may be in a photo several times, and where it seems to be so."""
    return {
        "folders": [str(folder) for folder in found.folders],
        "photos": [
            {"photo": None if path is None else str(path), "allowed": allowed}
            for path, allowed in found.photos
        ],
        "proposed": [
            {
                "photo": None if each.path is None else str(each.path),
                "person": each.key,
                "name": each.name,
                "faces": [f"f{face}" for face in each.faces],
            }
            for each in found.suspicions
        ],
    }


def people(groups: Sequence[Group], hidden_forms: Mapping[str, int]) -> list[dict[str, Any]]:
    """People and groups without a name; `hidden_forms` are what `browse.hidden_forms` counts."""
    return [
        person(group) | {"photos_all_forms": group.photos + hidden_forms.get(group.key, 0)}
        for group in groups
    ]


def person(group: Group) -> dict[str, Any]:
    """One of them; a `birthday` is as much of YYYY-MM-DD as is known."""
    return {
        "id": group.key,
        "name": group.name,
        "aliases": list(group.aliases),
        "birthday": None if group.birthday is None else group.birthday.iso(),
        "faces": group.faces,
        "photos": group.photos,
    }


def faces(found: Sequence[Face]) -> list[dict[str, Any]]:
    """Faces, with boxes in px of the upright picture."""
    return [
        {
            "face": f"f{face.id}",
            "photo": str(face.path),
            "box": box_values(face.box),
            "score": round(face.score, 4),
            "quality": round(face.quality, 4),
            "cluster": None if face.cluster is None else f"g{face.cluster}",
            "person": None if face.person is None else f"p{face.person}",
            "confirmed": face.confirmed,
        }
        for face in found
    ]


def stacks(found: Sequence["Stack"]) -> list[dict[str, Any]]:
    """Stacks: the ids and files of their photos, the one shown first."""
    return [
        {
            "kind": stack.kind.value,
            "photos": [
                {"photo": photo.id, "files": [str(path) for path in photo.paths]}
                for photo in stack.photos
            ],
        }
        for stack in found
    ]


def photos(
    found: Sequence[Photo],
    without_face: Mapping[PhotoId, Sequence[tuple[PersonId, str | None]]],
    shots: Shots,
) -> list[dict[str, Any]]:
    """Photos; `forms` are the ids of all photos of the list that are shown as one with it, the one
    that is shown first. `date.precision` and `date.source` say what a date is worth, `view_turn` by
    how many degrees, counter-clockwise, it is to be shown turned, `negative` whether it is one of
    film, `tagged` who is in it without a face.
    """
    cover_of = shots.cover_of()
    return [
        {
            "photo": photo.id,
            "forms": list(shots.forms.get(cover_of.get(photo.id, photo.id), (photo.id,))),
            "files": [str(path) for path in photo.paths],
            "present": photo.present,
            "width": photo.width,
            "height": photo.height,
            "camera": photo.camera,
            "view_turn": photo.view_turn,
            "negative": photo.negative,
            "tagged": [
                {"person": f"p{person}", "name": name}
                for person, name in without_face.get(photo.id, ())
            ],
            "date": None
            if photo.date is None
            else {
                "value": photo.date.value.isoformat(),
                "precision": photo.date.precision.value,
                "about": photo.date.about,
                "source": photo.date.source.value,
                "evidence": photo.date.is_evidence,
            },
        }
        for photo in found
    ]


def entries(found: Sequence[JournalEntry], titles: Sequence[str]) -> list[dict[str, Any]]:
    """Entries of the journal, each with what it says in words; times are in UTC (ISO 8601)."""
    return [
        {
            "entry": entry.id,
            "kind": entry.kind,
            "status": entry.status.value,
            "made_at": entry.made_at.isoformat(),
            "ended_at": None if entry.ended_at is None else entry.ended_at.isoformat(),
            "author": entry.author,
            "title": title,
            "details": dict(entry.details),
        }
        for entry, title in zip(found, titles, strict=True)
    ]


def changes(touched: LibraryChanges) -> dict[str, list[str]]:
    """The ids that an act touched."""
    return {
        "people": [f"p{number}" for number in sorted(touched.people)],
        "groups": [f"g{number}" for number in sorted(touched.clusters)],
        "faces": [f"f{number}" for number in sorted(touched.faces)],
    }


def decisions_export(report: "ExportReport") -> dict[str, int]:
    """How much an export wrote."""
    return {"people": report.people, "photos": report.photos, "faces": report.faces}


def decisions_import(report: "ImportReport") -> dict[str, Any]:
    """What an import took over, by author and by what it is about, and what it did not."""
    return {
        "taken": dict(report.taken),
        "people": report.people,
        "faces": report.faces,
        "drawn": report.drawn,
        "photos": report.photos,
        "same": report.same,
        "conflicts": [
            {
                "photo": None if conflict.path is None else str(conflict.path),
                "box": None if conflict.box is None else box_values(conflict.box),
                "ours": conflict.ours,
                "theirs": conflict.theirs,
                "author": conflict.author,
            }
            for conflict in report.conflicts
        ],
        "folders": report.folders,
        "missing_photos": report.missing_photos,
        "missing_folders": report.missing_folders,
        "missing_faces": report.missing_faces,
    }


def failures(failed: Sequence[Failure]) -> list[dict[str, Any]]:
    """Files that could not be read."""
    return [{"path": str(failure.path), "reason": failure.reason} for failure in failed]


def model_list(specs: Sequence[ModelSpec]) -> list[dict[str, Any]]:
    """The bundled models."""
    return [
        {
            "id": spec.id,
            "kind": spec.kind.value,
            "title": spec.title,
            "licence": spec.licence,
            "default": spec.id in {models.DEFAULT_DETECTOR, models.DEFAULT_EMBEDDER},
            "files": [
                {"name": file.name, "sha256": file.sha256, "size": file.size}
                for file in (*spec.files, *spec.int8_files)
            ],
            "source": dict(spec.source),
            "dimension": spec.dimension,
            "thresholds": dict(spec.thresholds),
            "calibration": {
                purpose: {"slope": slope, "offset": offset}
                for purpose, (slope, offset) in spec.calibration.items()
            },
            "accuracy": dict(spec.accuracy),
        }
        for spec in specs
    ]


def model_check(specs: Sequence[ModelSpec], folder: Path | None = None) -> list[dict[str, Any]]:
    """Every file of every model, and whether it is the one that the manifest names.

    `folder` is the bundled one where it is None.
    """
    checks = []
    for spec in specs:
        for file in (*spec.files, *spec.int8_files):
            reason = None
            try:
                models.verify(replace(spec, files=(file,), int8_files=()), folder)
            except ModelError as error:
                reason = str(error)
            checks.append(
                {"model": spec.id, "file": file.name, "ok": reason is None, "reason": reason}
            )
    return checks


def _difference(difference: "Difference") -> dict[str, Any]:
    return {
        "people": [
            {
                "person": change.key,
                "name": change.name,
                "added": len(change.added),
                "removed": len(change.removed),
            }
            for change in difference.people
        ],
        "joins": [list(keys) for keys in difference.joins],
        "splits": [
            {"person": split.key, "parts": list(split.parts)} for split in difference.splits
        ],
        "new": list(difference.new),
    }


def box_values(box: Box) -> list[float]:
    """Left, top, width and height in px, rounded."""
    return [round(float(value), 1) for value in (box.x, box.y, box.w, box.h)]
