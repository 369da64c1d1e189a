"""What recognition tells other programs, as `reports` does for everything else."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photoclust.core.types import FaceId, FoundFace
from photoclust.services.reports import box_values

if TYPE_CHECKING:
    from photoclust.services.doubting import DoubtfulFace
    from photoclust.services.explaining import Candidate, Explanation
    from photoclust.services.labelled import LabelledFaces
    from photoclust.services.recognition import RecognitionReport
    from photoclust.services.recognition_evaluation import (
        RecognitionReport as EvaluatedRecognition,
    )
    from photoclust.services.reviewing import Review
    from photoclust.services.verifying import ComparedPhoto, Comparison, FacePair


def comparison(found: "Comparison", *, every: bool) -> dict[str, Any]:
    """Whether two photos show one person; `pairs`, of `every` face with every face, where asked."""
    return {
        **_judgement(found.main),
        "threshold": _rounded(found.threshold),
        "model": found.model,
        "same_picture": found.same_picture,
        "a": _compared(found.a),
        "b": _compared(found.b),
        **({"pairs": [_pair(pair) for pair in found.pairs]} if every else {}),
    }


def _judgement(pair: "FacePair") -> dict[str, Any]:
    return {
        "same": pair.same,
        "similarity": _rounded(pair.similarity),
        "probability": _rounded(pair.probability),
    }


def _compared(photo: "ComparedPhoto") -> dict[str, Any]:
    return {
        "path": str(photo.path),
        "faces": len(photo.faces),
        "face": _found_face(photo.main),
    }


def _pair(pair: "FacePair") -> dict[str, Any]:
    return {**_judgement(pair), "a": _found_face(pair.a), "b": _found_face(pair.b)}


def _found_face(face: FoundFace) -> dict[str, Any]:
    return {"box": box_values(face.detection.box), "quality": round(float(face.quality), 4)}


def recognition(report: "RecognitionReport") -> dict[str, Any]:
    """What recognition came to; `offers` are precisions, and how many faces could be named."""
    return {
        "people": report.people,
        "faces": report.faces,
        "named": report.named,
        "asked": report.asked,
        "precision": report.precision,
        "offers": {str(share): count for share, count in report.offers.items()},
        "newly_named": [f"f{face}" for face in report.newly_named],
        "no_longer_named": [f"f{face}" for face in report.no_longer_named],
        "entry": report.entry,
        "may_be_one": [
            {
                "one": f"p{each.one}",
                "other": f"p{each.other}",
                "one_name": each.one_name,
                "other_name": each.other_name,
            }
            for each in report.may_be_one
        ],
        "answers_left": report.answers_left,
        "seconds": round(report.seconds, 3),
    }


def review(found: "Review", paths: Mapping[FaceId, Path | None]) -> dict[str, Any]:
    """The next questions; `path` is the photo of the first face of each."""
    return {
        "questions": [
            {
                "id": each.key,
                "faces": [f"f{face}" for face in each.faces],
                "person": None if each.person is None else f"p{each.person}",
                "name": each.name,
                "probability": None if each.person is None else round(each.probability, 4),
                "gain": round(each.gain, 2),
                "path": None if (path := paths[each.faces[0]]) is None else str(path),
            }
            for each in found.questions
        ],
        "count": found.count,
        "answers_left": found.answers_left,
    }


def explanation(found: "Explanation") -> dict[str, Any]:
    """Why a face has its name."""
    return {
        "face": f"f{found.face.id}",
        "origin": found.origin,
        "candidate": None if found.candidate is None else _candidate(found.candidate),
        "runner_up": None if found.runner_up is None else _candidate(found.runner_up),
        "margin": _rounded(found.margin),
    }


def _candidate(candidate: "Candidate") -> dict[str, Any]:
    return {
        "person": f"p{candidate.person}",
        "name": candidate.name,
        "probability": _rounded(candidate.probability),
        "similarity": _rounded(candidate.similarity),
        "nearest": [
            {
                "face": f"f{each.face.id}",
                "similarity": _rounded(each.similarity),
                "path": None if each.face.path is None else str(each.face.path),
            }
            for each in candidate.nearest
        ],
    }


def doubts(found: "Sequence[DoubtfulFace]") -> list[dict[str, Any]]:
    """Confirmed faces for a second look, the most doubtful first."""
    return [
        {
            "face": f"f{each.face.id}",
            "person": f"p{each.face.person}",
            "name": each.name,
            "doubt": _rounded(each.doubt),
            "similarity": _rounded(each.similarity),
            "other": None if each.other is None else f"p{each.other}",
            "other_name": each.other_name,
            "other_similarity": _rounded(each.other_similarity),
            "path": None if each.face.path is None else str(each.face.path),
        }
        for each in found
    ]


def evaluation(report: "EvaluatedRecognition", faces: "LabelledFaces") -> dict[str, Any]:
    """How well known people are told from each other and from strangers."""
    return {
        "known": report.known,
        "unknown": report.unknown,
        "gallery": report.gallery,
        "rank1": round(report.rank1, 6),
        "dir_at_fpir": {fpir: round(value, 6) for fpir, value in report.dir_at_fpir.items()},
        "auto_precision": round(report.auto_precision, 6),
        "auto_coverage": round(report.auto_coverage, 6),
        "calibration_error": round(report.calibration_error, 6),
        "answers_to_95": report.answers_to_95,
        "missed": faces.missed,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
