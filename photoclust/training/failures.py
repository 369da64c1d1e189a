"""Why a training fails: kept in English, and said in the language of whoever looks at the run."""

from photoclust.core.language import marked, tr_kept

COLLAPSED = marked(
    "Training has collapsed at step {step}: all faces get nearly the same embedding (mean squared "
    "distance {distance}, effective rank {rank}); start again with a lower learning rate, and with "
    "semi-hard instead of hardest negatives."
)
DIVERGED = marked(
    "Training has run off: its {what} went to infinity or to no number at all; start again with a "
    "lower learning rate."
)
FAULT = marked("a fault in photoclust ({what}); the log tells more")
NOT_KEPT = marked(
    "the training could not be kept in {folder} ({why}); make room on the disk, then give the same "
    "command again to go on"
)
NO_PIXELS = marked("the pixels of the faces are missing from the run; start the training anew")
_FORMS = (COLLAPSED, DIVERGED, FAULT, NOT_KEPT)


def said(reason: str) -> str:
    """`reason`, as a run keeps it, in the language that is spoken."""
    return tr_kept(reason, _FORMS)
