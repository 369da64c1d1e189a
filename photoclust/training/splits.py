"""Which faces to train on and which to test on, so that none of the latter was as good as seen.

Photos of one occasion look alike: same clothes, light and camera, often the same shot. So it is
occasions that are divided, not faces: all photos of a person each taken within EVENT_S of the next,
everybody else in these photos, and near-duplicates of any of them. Some people are kept out of
training altogether (FaceNet's test identities are disjoint from those trained on, too).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from photoclust.cluster.neighbors import nearest
from photoclust.cluster.shots import shots
from photoclust.core.arrays import Vectors
from photoclust.core.errors import InternalError, UserError
from photoclust.core.language import tr, tr_n
from photoclust.core.progress import JobControl
from photoclust.training.gate import FEWEST_PEOPLE

Labels = NDArray[np.int64]
Rows = NDArray[np.int64]
Times = NDArray[np.float64]

EVENT_S = 6 * 3600.0
_PAIR = 2
"""Faces that a person needs in training, as anchor and positive, and in testing, to have a VAL."""


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """N faces that may be trained or tested on.

    `person` [N]: a number ≥ 0 for each person, -1 for a face that nobody named. `photo` [N]: which
    faces share a photo. `taken` [N]: when, in seconds, NaN where unknown: such a photo is an
    occasion of its own. `duplicates` [N]: the same number ≥ 0 for near-duplicates (see
    `near_duplicates`), -1 for a face that has none.
    """

    person: Labels
    photo: Labels
    taken: Times
    duplicates: Labels

    def __post_init__(self) -> None:
        arrays = (self.person, self.photo, self.taken, self.duplicates)
        if any(array.shape != (len(self.person),) for array in arrays):
            raise InternalError("person, photo, taken and duplicates have not the same faces")


@dataclass(frozen=True, slots=True)
class Shares:
    """How faces are divided, each a share of 1.

    `test`: of each trained person's faces, about; nobody loses more than half of theirs to it.
    `held_out`: of the people. `strangers`: of the faces nobody named. At least `people` people must
    be left that can be trained and tested on, by default as many as the gate needs to judge by.
    """

    test: float = 0.3
    held_out: float = 0.2
    strangers: float = 0.5
    people: int = FEWEST_PEOPLE


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Rows of the faces, rising, that serve for each purpose; no face serves for two.

    `train` and `test`: trained people. `held_out`: people in no other part. `distil` and
    `strangers`: faces nobody named, to hold the old embedding's relations by, and to test on. No
    photo, occasion or near-duplicate is on both sides, `train` and `distil` here, `test` and
    `strangers` there. A photo may well show a trained and a held-out person: it is the person who
    is held out. A near-duplicate of a held-out face that bears another name, or none, is left out.

    `occasion` [N]: the same number for faces of one occasion, -1 for those held or left out.
    """

    train: Rows
    test: Rows
    held_out: Rows
    distil: Rows
    strangers: Rows
    occasion: Labels


def near_duplicates(
    vectors: Vectors, taken: Times | None = None, control: JobControl | None = None
) -> Labels:
    """The same number for faces of one shot, by their unit vectors [N, dim] and when they were
    `taken` [N], as `cluster.shots` tells them. Raises CancelledError when cancelled.
    """
    graph = nearest(vectors, control=control)
    return shots(graph, np.ones(len(vectors), np.float32), times=taken)


def split(faces: Faces, shares: Shares, generator: np.random.Generator) -> Split:
    """Divide `faces`.

    A person can be trained and tested on with at least two faces on either side, and so with two
    occasions and four faces. People who cannot be tested on are trained on all the same. Held out
    are people with two faces or more, two people at least or none. Raises UserError that says how
    many people there are where `shares.people` are not left.
    """
    held_out = _held_out(faces, shares, generator)
    for out in (held_out, np.empty(0, np.int64)):
        kept_out = np.isin(faces.person, out)
        theirs = faces.duplicates[kept_out & (faces.duplicates >= 0)]
        occasion = occasions(faces, ~kept_out & ~np.isin(faces.duplicates, theirs))
        is_test, testable = _test_occasions(faces.person, occasion, shares, generator)
        if testable >= shares.people:
            is_test = _with_strangers(faces.person, occasion, is_test, shares, generator)
            return _parts(faces.person, kept_out, occasion, is_test)
    raise UserError(_too_few(testable, shares.people))


def _too_few(testable: int, least: int) -> str:
    hours = round(EVENT_S / 3600)
    if not testable:
        return tr(
            "training needs at least {least} people with four photos or more from two occasions or "
            "more (more than {hours} hours apart), but there are none; name more people, or "
            "confirm more of their photos",
            least=least,
            hours=hours,
        )
    return tr_n(
        testable,
        "training needs at least {least} people with four photos or more from two occasions or "
        "more (more than {hours} hours apart), but there is {n}; name more people, or confirm "
        "more of their photos",
        "training needs at least {least} people with four photos or more from two occasions or "
        "more (more than {hours} hours apart), but there are {n}; name more people, or confirm "
        "more of their photos",
        least=least,
        hours=hours,
    )


def occasions(faces: Faces, among: NDArray[np.bool_]) -> Labels:
    """The number of the occasion of each face [N], as the module says; -1 for faces not `among`
    [N], which connect nothing.
    """
    rows = np.flatnonzero(among)
    person, photo, taken = faces.person[rows], faces.photo[rows], faces.taken[rows]
    duplicates = faces.duplicates[rows]
    by_time, by_photo = np.lexsort([taken, person]), np.argsort(photo, kind="stable")
    by_shot = np.argsort(duplicates, kind="stable")
    links = [
        _links(by_photo, np.diff(photo[by_photo]) == 0),
        _links(by_shot, (np.diff(duplicates[by_shot]) == 0) & (duplicates[by_shot][1:] >= 0)),
        # An unknown time is near to none.
        _links(
            by_time,
            (np.diff(person[by_time]) == 0)
            & (person[by_time][1:] >= 0)
            & (np.diff(taken[by_time]) <= EVENT_S),
        ),
    ]
    one, other = np.concatenate(links, axis=1)
    graph = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(len(rows), len(rows)))
    found = np.full(len(among), -1, np.int64)
    if len(rows):
        found[rows] = connected_components(graph, directed=False)[1]
    return found


def _links(order: Rows, linked: NDArray[np.bool_]) -> Rows:
    """[2, L]: each face in `order` [N] and the one behind it, where they are `linked` [N − 1]."""
    return np.stack([order[:-1][linked], order[1:][linked]])


def _held_out(faces: Faces, shares: Shares, generator: np.random.Generator) -> Labels:
    """The people to keep out of training: of those with four faces from two occasions so few that
    `shares.people` are left.
    """
    named = faces.person >= 0
    people, sizes = np.unique(faces.person[named], return_counts=True)
    met = np.unique(np.stack([faces.person, occasions(faces, named)])[:, named], axis=1)[0]
    able = set(people[(sizes >= 2 * _PAIR) & (np.bincount(met)[people] > 1)].tolist())
    spare = len(able) - shares.people
    wanted = int(shares.held_out * len(people))
    chosen: list[int] = []
    for person in generator.permutation(people[sizes >= _PAIR]).tolist():
        if len(chosen) == wanted:
            break
        if person in able:
            if spare <= 0:
                continue
            spare -= 1
        chosen.append(person)
    return np.array(chosen if len(chosen) > 1 else [], np.int64)


def _test_occasions(
    person: Labels, occasion: Labels, shares: Shares, generator: np.random.Generator
) -> tuple[NDArray[np.bool_], int]:
    """Which of the O occasions are for testing [O], and how many people they test."""
    count = int(occasion.max(initial=-1)) + 1
    named = np.flatnonzero((person >= 0) & (occasion >= 0))
    people, numbers = np.unique(person[named], return_inverse=True)
    faces = coo_array(
        (np.ones(len(named), np.int64), (occasion[named], numbers)), shape=(count, len(people))
    ).tocsr()
    faces.sum_duplicates()
    total = np.bincount(numbers, minlength=len(people))
    wanted = np.maximum(np.ceil(shares.test * total), _PAIR)
    least = np.maximum(np.ceil(total / 2), _PAIR)
    tested = np.zeros(len(people), np.int64)
    is_test = np.zeros(count, bool)
    # People with few occasions have little choice; they come first.
    attended = np.bincount(faces.indices, minlength=len(people))
    rarest = np.full(count, len(named) + 1)
    owners = np.repeat(np.arange(count), np.diff(faces.indptr))
    np.minimum.at(rarest, owners, attended[faces.indices])
    for number in np.lexsort([generator.permutation(count), rarest]):
        present = faces.indices[faces.indptr[number] : faces.indptr[number + 1]]
        own = faces.data[faces.indptr[number] : faces.indptr[number + 1]]
        after = tested[present] + own
        missed = (tested[present] < wanted[present]).any()
        if missed and (total[present] - after >= least[present]).all():
            tested[present] = after
            is_test[number] = True
    return is_test, int(np.sum(tested >= _PAIR))


def _with_strangers(
    person: Labels,
    occasion: Labels,
    is_test: NDArray[np.bool_],
    shares: Shares,
    generator: np.random.Generator,
) -> NDArray[np.bool_]:
    """`is_test` [O] with so many of the occasions of nobody who is trained on that the strangers
    have about their share.
    """
    found = is_test.copy()
    with_named = np.zeros(len(is_test), bool)
    with_named[occasion[(person >= 0) & (occasion >= 0)]] = True
    sizes = np.bincount(occasion[(person < 0) & (occasion >= 0)], minlength=len(is_test))
    missing = shares.strangers * sizes.sum() - sizes[is_test].sum()
    for number in generator.permutation(np.flatnonzero(~with_named)):
        if missing >= sizes[number] / 2:
            found[number] = True
            missing -= sizes[number]
    return found


def _parts(
    person: Labels, kept_out: NDArray[np.bool_], occasion: Labels, is_test: NDArray[np.bool_]
) -> Split:
    named, usable = person >= 0, occasion >= 0
    testing = np.zeros(len(person), bool)
    testing[usable] = is_test[occasion[usable]]
    training = usable & ~testing
    return Split(
        train=np.flatnonzero(named & training),
        test=np.flatnonzero(named & testing),
        held_out=np.flatnonzero(kept_out),
        distil=np.flatnonzero(~named & training),
        strangers=np.flatnonzero(~named & testing),
        occasion=occasion,
    )
