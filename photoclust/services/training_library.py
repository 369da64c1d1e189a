"""The faces of a library as a training takes them: those that users named, and nobody's beside."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoclust.core.arrays import Vectors
from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.progress import JobControl
from photoclust.core.types import PersonId
from photoclust.store import face_table
from photoclust.store import people as people_store
from photoclust.store.database import Library
from photoclust.store.face_table import FaceTable
from photoclust.training.faces import Labels, Rows, RunFaces
from photoclust.training.splits import Faces, Shares, near_duplicates, split
from photoclust.training.strangers import grouped_strangers
from photoclust.vision import models

FEWEST_DRAWN, DRAWN_A_FACE = 2_000, 2
"""Where pixels are needed, so many unlabelled faces take part: two for each confirmed one, half of
them to train with, of which a training of the last blocks or of all sees each about four times;
more would be cut out and hardly be seen. With few confirmed faces as many as it takes to measure
whether strangers suffer.
"""


@dataclass(frozen=True, slots=True, eq=False)
class LibraryFaces:
    """N faces that may be trained with: their `ids` in the library, the unit `vectors` [N, dim] of
    the bundled model, the columns of `splits.Faces`, and the `names` and `uids` of the people by
    number. `undrawn` is how many faces of nobody were not drawn to take part.
    """

    ids: Rows
    vectors: Vectors
    person: Labels
    photo: Labels
    taken: NDArray[np.float64]
    duplicates: Labels
    names: tuple[str, ...]
    uids: tuple[str, ...]
    undrawn: int

    def divided(
        self, *, seed: int, without: Rows | None = None, control: JobControl | None = None
    ) -> RunFaces:
        """What each face but the rows `without` serves for; all keep their rows, and none has
        pixels.

        Some occasions of each person, and some people, are kept from training; half of nobody's
        faces hold the embedding, the others show whether strangers suffer, grouped by the bundled
        model. Raises UserError when there are too few people or faces; CancelledError when
        cancelled.
        """
        rows = np.arange(len(self.ids))
        if without is not None:
            rows = np.setdiff1d(rows, without)
        faces = Faces(self.person[rows], self.photo[rows], self.taken[rows], self.duplicates[rows])
        parts = split(faces, Shares(), np.random.default_rng(seed))
        strangers = rows[parts.strangers]
        groups = grouped_strangers(
            self.vectors[strangers],
            photos=self.photo[strangers],
            times=self.taken[strangers],
            control=control,
        )
        person, occasion = self.person.copy(), np.full(len(self.ids), -1, np.int64)
        person[strangers] = np.where(groups >= 0, groups + len(self.names), -1)
        occasion[rows] = parts.occasion
        return RunFaces(
            vectors=self.vectors,
            person=person,
            occasion=occasion,
            duplicates=self.duplicates,
            train=rows[parts.train],
            test=rows[parts.test],
            held_out=rows[parts.held_out],
            distil=rows[parts.distil],
            strangers=strangers,
        )


def from_library(
    library: Library,
    *,
    people: Sequence[PersonId] = (),
    seed: int,
    pixels: bool = False,
    control: JobControl | None = None,
) -> LibraryFaces:
    """Faces that users said are these `people`, or anybody where none are given, and nobody's (see
    `nobodys`); of these, where `pixels` are needed, no more than `most_drawn`.

    Raises UserError when there is no such person; CancelledError when cancelled.
    """
    control = control or JobControl()
    with library.read() as tx:
        table = face_table.load_table(tx, models.DEFAULT_EMBEDDER)
        named = people_store.names_and_uids(tx)
    wanted = [who for who in (people or named) if who in named]
    if missing := [who for who in people if who not in named]:
        raise UserError(
            tr("there is no person p{person}; photoclust people lists the ids", person=missing[0])
        )
    numbers = {who: place for place, who in enumerate(wanted)}
    person = np.array([numbers.get(PersonId(who), -1) for who in table.person.tolist()], np.int64)
    known, others = np.flatnonzero(person >= 0), nobodys(table)
    kept = others
    if pixels:
        kept = drawn(table, others, most_drawn(len(known)), np.random.default_rng(seed))
    rows = np.union1d(known, kept)
    vectors, taken = table.vectors[rows], table.taken[rows]
    return LibraryFaces(
        ids=table.ids[rows],
        vectors=vectors,
        person=person[rows],
        photo=table.photo[rows],
        taken=taken,
        duplicates=near_duplicates(vectors, taken, control),
        names=tuple(named[who][0] for who in wanted),
        uids=tuple(named[who][1] for who in wanted),
        undrawn=len(others) - len(kept),
    )


def nobodys(table: FaceTable) -> Rows:
    """The faces of `table` that nobody named, that recognition takes for nobody, and whose group
    goes with nobody.
    """
    nobody = (table.person < 0) & (table.shown < 0) & ~table.judged & (table.owner < 0)
    return np.flatnonzero(nobody)


def most_drawn(confirmed: int) -> int:
    """How many unlabelled faces take part at most in a training that needs pixels."""
    return max(FEWEST_DRAWN, DRAWN_A_FACE * confirmed)


def drawn(table: FaceTable, rows: Rows, most: int, generator: np.random.Generator) -> Rows:
    """At most `most` of `rows`, rising, by groups of the library as a whole: single faces out of
    many groups would be nobody's second one.
    """
    if len(rows) <= most:
        return rows
    alone = -1 - np.arange(len(rows))
    group = np.where(table.cluster[rows] >= 0, table.cluster[rows], alone)
    groups, number = np.unique(group, return_inverse=True)
    place = generator.permutation(len(groups))[number]
    return np.sort(rows[np.argsort(place, kind="stable")[:most]])


def stranger_groups(table: FaceTable, *, control: JobControl | None = None) -> int:
    """In how many groups of two or more nobody's faces are, by the bundled model as in a training;
    at least so many where there are more than FEWEST_DRAWN, of which that many are looked at.
    """
    rows = drawn(table, nobodys(table), FEWEST_DRAWN, np.random.default_rng(0))
    groups = grouped_strangers(
        table.vectors[rows], photos=table.photo[rows], times=table.taken[rows], control=control
    )
    return len(np.unique(groups[groups >= 0]))
