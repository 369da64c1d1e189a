"""The faces of a library as a training takes them: those that users named, and nobody's beside."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from photoclust.core.errors import UserError
from photoclust.core.progress import JobControl
from photoclust.core.types import PersonId
from photoclust.store import face_table
from photoclust.store import people as people_store
from photoclust.store.database import Library
from photoclust.training.faces import Rows, RunFaces
from photoclust.training.splits import Faces, Shares, near_duplicates, split
from photoclust.training.strangers import grouped_strangers
from photoclust.vision import models


@dataclass(frozen=True, slots=True, eq=False)
class LibraryFaces:
    """What is trained with: the `faces`, their `ids` in the library, the `names` of people by
    number and the `uids` of these people.
    """

    faces: RunFaces
    ids: Rows
    names: tuple[str, ...]
    uids: tuple[str, ...]


def from_library(
    library: Library,
    *,
    people: Sequence[PersonId] = (),
    seed: int,
    control: JobControl | None = None,
) -> LibraryFaces:
    """Faces that users said are these `people`, or anybody where none are given; without pixels.

    Some occasions of each person, and some people, are kept from training. Faces that nobody named,
    that recognition takes for nobody and whose group goes with nobody, are strangers: half of them
    hold the embedding, the others show whether they suffer, grouped by the bundled model. Raises
    UserError when there are too few people or faces; CancelledError when cancelled.
    """
    control = control or JobControl()
    with library.read() as tx:
        table = face_table.load_table(tx, models.DEFAULT_EMBEDDER)
        named = people_store.names_and_uids(tx)
    wanted = [who for who in (people or named) if who in named]
    if missing := [who for who in people if who not in named]:
        raise UserError(f"there is no person p{missing[0]}; photoclust people lists the ids")
    numbers = {who: place for place, who in enumerate(wanted)}
    person = np.array([numbers.get(PersonId(who), -1) for who in table.person.tolist()], np.int64)
    nobody = (table.person < 0) & (table.shown < 0) & ~table.judged & (table.owner < 0)
    rows = np.flatnonzero((person >= 0) | nobody)
    vectors, photo, taken = table.vectors[rows], table.photo[rows], table.taken[rows]
    person = person[rows]
    duplicates = near_duplicates(vectors, taken, control)
    divided = split(Faces(person, photo, taken, duplicates), Shares(), np.random.default_rng(seed))
    strangers = divided.strangers
    groups = grouped_strangers(
        vectors[strangers], photos=photo[strangers], times=taken[strangers], control=control
    )
    person[strangers] = np.where(groups >= 0, groups + len(wanted), -1)
    return LibraryFaces(
        RunFaces(
            vectors=vectors,
            person=person,
            occasion=divided.occasion,
            duplicates=duplicates,
            train=divided.train,
            test=divided.test,
            held_out=divided.held_out,
            distil=divided.distil,
            strangers=strangers,
        ),
        table.ids[rows],
        tuple(named[who][0] for who in wanted),
        tuple(named[who][1] for who in wanted),
    )
