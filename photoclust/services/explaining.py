"""Why a face has the name it has: the confirmed faces it is most like, and who else it might be."""

from dataclasses import dataclass

import numpy as np

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.types import Face, FaceId, ModelId, PersonId
from photoclust.recognize.recognizer import ASKED_FROM
from photoclust.services import embedding_model
from photoclust.services.keys import require
from photoclust.store import face_table, recognitions
from photoclust.store import faces as face_store
from photoclust.store import people as people_store
from photoclust.store.database import Library, Transaction
from photoclust.vision import models

SHOWN = 3
"""Of the confirmed faces, so many of the nearest are told."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """A confirmed face, and its cosine to the face in question."""

    face: Face
    similarity: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whom a face may be: `similarity` to all their confirmed faces together (None where
    nobody has compared them yet), `probability` (None where nobody worked it out), and the
    `nearest` of these faces.
    """

    person: PersonId
    name: str | None
    similarity: float | None
    probability: float | None
    nearest: tuple[Likeness, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why `face` is shown as it is, or asked about.

    `origin` says where its name comes from: "confirmed" by a user, "recognised", "taken back" (it
    was recognised, and a user did not want that), "asked", "unlikely" (not worth a question), its
    "group", or "nothing". `margin` is
    by how much the similarity to the first is greater than that to the runner-up.
    """

    face: Face
    origin: str
    candidate: Candidate | None
    runner_up: Candidate | None

    @property
    def margin(self) -> float | None:
        """None where there is nobody to compare with."""
        if self.candidate is None or self.runner_up is None:
            return None
        if self.candidate.similarity is None or self.runner_up.similarity is None:
            return None
        return self.candidate.similarity - self.runner_up.similarity


def why(library: Library, key: str, model: ModelId = models.DEFAULT_EMBEDDER) -> Explanation:
    """What the name of the face `key` (`f9`), or the question about it, leans on.

    Raises UserError where there is no such face.
    """
    fallback = embedding_model.fallback_of(library, model)
    space = (model, fallback)
    with library.read() as tx:
        number = FaceId(require(tx, key, "f")[1])
        (face,) = face_store.faces(tx, ids=[number])
        verdict = recognitions.of_face(tx, number)
        if face.excluded:
            raise UserError(
                tr(
                    "f{number} is no face, as you said; photoclust not-a-face takes it back",
                    number=number,
                )
            )
        vector = face_table.load_some_vectors(tx, model, [number], fallback)[1]
        if verdict is None or (face.person is not None and face.person != verdict.person):
            first = None
            if face.person is not None:
                first = _candidate(tx, face.person, vector, number, space)
            origin = "nothing" if first is None else "confirmed" if face.confirmed else "group"
            return Explanation(face, origin, first, None)
        first = _candidate(
            tx,
            verdict.person,
            vector,
            number,
            space,
            similarity=verdict.similarity,
            probability=verdict.probability,
        )
        second = None
        if verdict.runner_up is not None:
            second = _candidate(
                tx,
                verdict.runner_up,
                vector,
                number,
                space,
                similarity=verdict.runner_up_similarity,
                probability=verdict.runner_up_probability,
            )
        return Explanation(face, _origin(face, verdict), first, second)


def _origin(face: Face, verdict: recognitions.Verdict) -> str:
    if face.confirmed:
        return "confirmed"
    if verdict.taken_back:
        return "taken back"
    if verdict.named and face.person is not None:
        return "recognised"
    return "asked" if verdict.probability >= ASKED_FROM else "unlikely"


def _candidate(
    tx: Transaction,
    person: PersonId,
    vector: np.ndarray,
    but: FaceId,
    space: tuple[ModelId, ModelId | None],
    *,
    similarity: float | None = None,
    probability: float | None = None,
) -> Candidate:
    confirmed = [face for face in people_store.faces_confirmed_as(tx, person) if face != but]
    ids, vectors = face_table.load_some_vectors(tx, space[0], confirmed, space[1])
    nearest: tuple[Likeness, ...] = ()
    if len(ids) and len(vector):
        cosines = vectors @ vector[0]
        best = np.argsort(-cosines, kind="stable")[:SHOWN]
        faces = {
            face.id: face
            for face in face_store.faces(tx, ids=[FaceId(n) for n in ids[best].tolist()])
        }
        nearest = tuple(Likeness(faces[FaceId(int(ids[row]))], float(cosines[row])) for row in best)
    name = people_store.person_name(tx, person)
    return Candidate(person, name, similarity, probability, nearest)
