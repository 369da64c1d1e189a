"""Changing the model that a library uses.

Names and all other decisions are about faces and carry over. Groups and automatic names are made
anew from the new vectors. The choice is an act that can be undone; the vectors of the model before
stay until it is removed.
"""

from dataclasses import dataclass

from photoclust.core.errors import ModelError, UserError
from photoclust.core.language import tr
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import EntryId, ModelId, ModelKind, ModelSpec
from photoclust.services import embedding_model, grouping, proposing, recognition, reembedding
from photoclust.services.proposing import Applied
from photoclust.services.recognition import RecognitionReport
from photoclust.services.reembedding import Reembedding
from photoclust.store import embeddings
from photoclust.store import faces as face_store
from photoclust.store.database import Library
from photoclust.vision import models


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a change to `model` would take: how many faces lack a vector of it, and whether these
    come from the vectors that are there (`quick`) or serve as they are until later (`harmonic`).
    """

    model: ModelId
    before: ModelId
    faces: int
    lacking: int
    quick: bool
    harmonic: bool


@dataclass(frozen=True, slots=True)
class Switched:
    """What a change of the model came to; `entry` is the act, None where the model served already.
    `regrouped` is None where there were no groups or these stay, `recognition` where nobody is
    known.
    """

    model: ModelId
    before: ModelId
    entry: EntryId | None
    reembedding: Reembedding
    regrouped: Applied | None
    recognition: RecognitionReport | None


def outlook(library: Library, model: str, settings: Settings) -> Outlook:
    """What `use` would do. Raises ModelError when the model cannot be used."""
    spec = _usable(library, model)
    with library.read() as tx:
        before = embedding_model.current_in(tx, library, settings)
        return Outlook(
            model=spec.id,
            before=before,
            faces=face_store.count(tx),
            lacking=embeddings.count_without(tx, spec.id),
            quick=spec.head is not None and spec.head.of in embeddings.models_with_vectors(tx),
            harmonic=spec.comparable_with in embeddings.models_with_vectors(tx),
        )


def use(
    library: Library,
    model: str,
    settings: Settings,
    *,
    workers: int | None = None,
    control: JobControl | None = None,
) -> Switched:
    """Let `library` use `model`: give its faces vectors of it, then group and recognise anew.

    The model changes only once every face whose photo can be read has its vector; with one whose
    vectors may be compared with those that are there, at once, and the next scans go on. Raises
    ModelError when the model cannot be used, UserError when no photo can be read or the library not
    be written, CancelledError when cancelled: the model before serves on then.
    """
    library.require_writable()
    expected = outlook(library, model, settings)
    chosen, before = expected.model, expected.before
    done = reembedding.reembed(
        library,
        chosen,
        settings,
        photos=not expected.harmonic or chosen == before,
        workers=workers,
        control=control,
    )
    if chosen == before:
        return Switched(chosen, before, None, done, None, None)
    with library.write() as tx:
        if expected.faces and not expected.harmonic and not embeddings.counts(tx).get(chosen):
            raise UserError(
                tr(
                    "none of the photos can be read now, so that no face has a vector of "
                    "{chosen}; connect their drive and try again",
                    chosen=chosen,
                )
            )
        entry = embeddings.choose(tx, chosen, before)
    regrouped = None
    if not expected.harmonic and grouping.has_groups(library):
        regrouped = _regroup(library, chosen, settings, control)
    recognized = recognition.catch_up(library, settings, control=control)
    return Switched(chosen, before, entry, done, regrouped, recognized)


def _regroup(
    library: Library, model: ModelId, settings: Settings, control: JobControl | None
) -> Applied:
    with library.read() as tx:
        made = grouping.made_with(tx)
    method = settings.grouping_method if made is None else made[0]
    proposal = proposing.propose(library, method=method, model=model, control=control)
    applied = proposing.apply(library, proposal.id)
    if applied.entry is None:
        grouping.note_made_with(library, method, model)
    return applied


def _usable(library: Library, model: str) -> ModelSpec:
    spec = embedding_model.spec_of(library, model)
    if spec.kind is not ModelKind.EMBEDDER:
        raise ModelError(
            tr("the model {model!r} makes no vectors; choose an embedder", model=model)
        )
    models.verify(spec)
    models.calibration_line(spec, "match")
    if spec.comparable_with is not None:
        other = embedding_model.spec_of(library, spec.comparable_with)
        if other.dimension != spec.dimension:
            raise ModelError(
                tr(
                    "the vectors of {model} are said to be comparable with those of {other}, but "
                    "are of another length; import a model that is sound",
                    model=spec.id,
                    other=other.id,
                )
            )
    return spec
