"""What evaluations tell other programs, as `reports` does for everything else."""

from typing import TYPE_CHECKING, Any

from photoclust.core.metrics import PrecisionRecall
from photoclust.services.reports import failures

if TYPE_CHECKING:  # they load half of photoclust, which most commands do not need
    from photoclust.services.evaluation import ClusteringReport, VerificationReport
    from photoclust.services.labelled import LabelledFaces


def verification(report: "VerificationReport", faces: "LabelledFaces") -> dict[str, Any]:
    """How well pairs were told apart."""
    return {
        "pairs": report.pairs,
        "accuracy": _rounded(report.accuracy),
        "accuracy_std": _rounded(report.accuracy_std),
        "val_at_far": {far: _rounded(val) for far, val in report.val_at_far.items()},
        "eer": _rounded(report.eer),
        "auc": _rounded(report.auc),
        "faces_missed": faces.missed,
        "per_person": {
            "people": report.people,
            "val_at_far_0.001": {
                "mean": _rounded(report.person_val_mean),
                "worst_decile": _rounded(report.person_val_worst_decile),
            },
        },
        **_pictures(faces),
    }


def clustering(report: "ClusteringReport", faces: "LabelledFaces") -> dict[str, Any]:
    """How well the groups were the people; `unconstrained` is how well without the answers."""
    before = report.unconstrained
    return {
        "faces": report.faces,
        "people": report.people,
        **_scores(report),
        "provable_errors": report.provable_errors,
        "constraints": report.constraints,
        "faces_missed": faces.missed,
        "seconds": round(report.seconds, 3),
        "peak_memory_mb": round(report.peak_memory_mb, 1),
        **({} if before is None else {"unconstrained": _scores(before)}),
        **_pictures(faces),
    }


def _scores(report: "ClusteringReport") -> dict[str, Any]:
    return {
        "clusters": report.clusters,
        "bcubed": _precision_recall(report.bcubed),
        "pairwise": _precision_recall(report.pairwise),
        "unclustered": report.unclustered,
    }


def _pictures(faces: "LabelledFaces") -> dict[str, Any]:
    return {"images": faces.images, "failed": failures(faces.failed)}


def _precision_recall(value: PrecisionRecall) -> dict[str, float | None]:
    return {
        "precision": _rounded(value.precision),
        "recall": _rounded(value.recall),
        "f": _rounded(value.f),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
