"""Single faces: pairs of them are found, and those that wait are taken into groups.

Two faces that are each other's nearest among hundreds are hardly ever those of two people, and a
face belongs to a group whose middle it is like, or whose faces are the nearest it has.
"""

import numpy as np
from numpy.typing import NDArray

from photoclust.cluster.constraints import Constraints
from photoclust.cluster.labels import (
    Labels,
    centres_of,
    cosines_of,
    edge_blocks,
    leaders,
    unique_pairs,
)
from photoclust.cluster.neighbors import Neighbours
from photoclust.cluster.strangers import Strangers, count_sure
from photoclust.core.arrays import Vectors

_VOTES = 3
_BLOCK = 65_536


def add_pairs(
    labels: Labels,
    neighbours: Neighbours,
    constraints: Constraints,
    strangers: Strangers,
    *,
    share: float,
    besides: int = 0,
) -> Labels:
    """Two waiting faces that are each other's nearest form a group, the most alike first, as long
    as chance would account for at most `share` of all groups. `besides` the faces given so many
    others wait.

    Whoever may not be together is passed over.
    """
    indices = neighbours.indices
    waiting = np.flatnonzero((labels < 0) & (indices >= 0).any(axis=1))
    if len(waiting) < 2:
        return labels
    best = np.full(len(labels), -1, np.int64)
    first = np.zeros(len(labels), np.int64)
    for rows in np.array_split(waiting, len(waiting) // _BLOCK + 1):
        mine = indices[rows]
        # An empty place (-1) is the last face here, and is told by its similarity.
        possible = (constraints.photo[mine] != constraints.photo[rows, None]) & (mine >= 0)
        possible &= ~_decided_apart(rows, mine, constraints)
        first[rows] = np.argmax(possible, axis=1)
        here = np.arange(len(rows)), first[rows]
        best[rows] = np.where(possible[here], mine[here], -1)
    mutual = waiting[(best[waiting] >= 0) & (best[best[waiting]] == waiting)]
    mutual = mutual[(labels[best[mutual]] < 0) & (mutual < best[mutual])]
    cosines = neighbours.similarities[mutual, first[mutual]]
    mutual = mutual[np.lexsort((mutual, -cosines))]
    rest = len(waiting) + besides - 2 * np.arange(len(mutual))
    taken = count_sure(
        neighbours.similarities[mutual, first[mutual]],
        rest * (rest - 1) // 2,
        strangers,
        share=share,
        already=int(labels.max(initial=-1)) + 1,
    )
    labels = labels.copy()
    numbers = labels.max(initial=-1) + 1 + np.arange(taken)
    labels[mutual[:taken]] = labels[best[mutual[:taken]]] = numbers
    return labels


def join_groups(
    labels: Labels,
    vectors: Vectors,
    neighbours: Neighbours,
    constraints: Constraints,
    strangers: Strangers,
    *,
    rows: Labels | None = None,
    vote: float,
    vote_share: float,
    big: int,
    share: float,
    rival: float,
    rounds: int = 3,
) -> Labels:
    """Waiting faces taken into groups: those so alike to the middle of one, and so much more than
    to the next (`rival`: see `leaders`), that chance would account for at most `share` of them, and
    those whose three nearest faces in groups are all in
    one of at least `big` faces, `vote` (a cosine) alike on average, and so alike that chance would
    account for at most `vote_share` of them.

    The clearest go first; a group takes nobody whom the constraints bar from it. `neighbours` are
    those of the faces `rows` (default: of all); only these are asked, and who has none is not.
    """
    rows = np.arange(len(labels)) if rows is None else rows
    reachable = (neighbours.indices >= 0).any(axis=1)
    for _ in range(rounds):
        asked = np.flatnonzero((labels[rows] < 0) & reachable)
        groups = int(labels.max(initial=-1)) + 1
        if groups == 0 or len(asked) == 0:
            break
        lists = Neighbours(neighbours.indices[asked], neighbours.similarities[asked])
        place, group, score = _best_group(
            rows[asked], labels, vectors, lists, constraints=constraints, rival=rival
        )
        order = np.lexsort((place, -score))
        place, group, score = place[order], group[order], score[order]
        rest = len(asked) - np.arange(len(place))
        taken = np.zeros(len(place), bool)
        taken[: count_sure(score, rest * groups, strangers, share=share, already=1)] = True
        voted, mean = _voted(lists, labels, big)
        clear = np.flatnonzero((voted >= 0) & (mean >= vote))
        clear = clear[np.lexsort((clear, -mean[clear]))]
        sure = count_sure(
            mean[clear],
            (len(asked) - np.arange(len(clear))) * groups,
            strangers,
            share=vote_share,
            already=1,
        )
        elected = np.full(len(asked), -1, np.int64)
        elected[clear[:sure]] = voted[clear[:sure]]
        group = np.where(elected[place] >= 0, elected[place], group)
        taken |= elected[place] >= 0
        joined = _admitted(rows[asked[place[taken]]], group[taken], labels, constraints)
        if (joined == labels).all():
            break
        labels = joined
    return labels


def _decided_apart(rows: Labels, indices: Labels, constraints: Constraints) -> NDArray[np.bool_]:
    """Which of the neighbours `indices` [R, k] of the faces `rows` [R], ascending, somebody said
    are other people.
    """
    person = constraints.person
    mine, theirs = person[rows, None], person[indices]
    apart: NDArray[np.bool_] = (mine >= 0) & (theirs >= 0) & (theirs != mine)
    for pairs in (constraints.apart, constraints.apart[:, ::-1]):
        places = np.minimum(np.searchsorted(rows, pairs[:, 0]), len(rows) - 1)
        here = rows[places] == pairs[:, 0]
        places, others = places[here], pairs[here, 1:]
        np.logical_or.at(apart, places, indices[places] == others)
    return apart


def _best_group(
    faces: Labels,
    labels: Labels,
    vectors: Vectors,
    lists: Neighbours,
    *,
    constraints: Constraints,
    rival: float,
) -> tuple[Labels, Labels, NDArray[np.float32]]:
    """The places in `faces` of those with a neighbour in a group that may take them; of these
    groups the one whose middle is most alike, and what speaks for it. `lists` are the neighbours of
    `faces`.
    """
    found = [np.empty((2, 0), np.int64)]
    for rows, columns, _ in edge_blocks(lists):
        of = labels[columns]
        found.append(np.stack(unique_pairs(rows[of >= 0], of[of >= 0])[:2]))
    places, groups = np.concatenate(found, axis=1)
    open_ = ~_photo_is_in(groups, constraints.photo[faces[places]], labels, constraints.photo)
    places, groups = places[open_], groups[open_]
    near, numbers = np.unique(groups, return_inverse=True)
    cosines = cosines_of(vectors, faces[places], centres_of(near, labels, vectors), numbers)
    first, score = leaders(places, groups, cosines, rival)
    return places[first], groups[first], score


def _photo_is_in(
    groups: Labels, photos: Labels, labels: Labels, photo: Labels
) -> NDArray[np.bool_]:
    """Whether each of `groups` [E] holds a face of the one of `photos` [E] beside it."""
    members = np.flatnonzero(_concerned(groups, labels))
    width = int(photo.max(initial=0)) + 1
    taken: NDArray[np.bool_] = np.isin(
        groups * width + photos, labels[members] * width + photo[members]
    )
    return taken


def _concerned(groups: Labels, labels: Labels) -> NDArray[np.bool_]:
    """Which faces [N] are in one of `groups`."""
    which = np.zeros(int(labels.max(initial=-1)) + 2, bool)  # the last stays for those that wait
    which[groups] = True
    return which[labels]


def _voted(lists: Neighbours, labels: Labels, big: int) -> tuple[Labels, NDArray[np.float32]]:
    """The group of at least `big` faces that the nearest grouped neighbours in each list agree on,
    -1 if they do not, and their mean cosine.
    """
    of = np.where(lists.indices >= 0, labels[lists.indices], -1)
    order = np.argsort(of < 0, axis=1, kind="stable")[:, :_VOTES]
    votes = np.take_along_axis(of, order, axis=1)
    mean: NDArray[np.float32] = np.take_along_axis(lists.similarities, order, axis=1).mean(axis=1)
    sizes = np.bincount(labels[labels >= 0], minlength=1)
    agreed = (votes == votes[:, :1]).all(axis=1) & (votes[:, 0] >= 0)
    agreed &= (sizes[votes[:, 0]] >= big) & (votes.shape[1] == _VOTES)
    return np.where(agreed, votes[:, 0], -1), mean


def _admitted(faces: Labels, groups: Labels, labels: Labels, constraints: Constraints) -> Labels:
    """`labels` with `faces` in `groups`, as far as nobody there bars them; the first come first."""
    labels = labels.copy()
    there = np.flatnonzero(_concerned(groups, labels))
    here = np.zeros(int(constraints.photo.max(initial=0)) + 1, bool)
    here[constraints.photo[faces]] = True
    beside = there[here[constraints.photo[there]]]
    photos = set(zip(labels[beside].tolist(), constraints.photo[beside].tolist(), strict=True))
    known = there[constraints.person[there] >= 0]
    person_of = dict(zip(labels[known].tolist(), constraints.person[known].tolist(), strict=True))
    apart: dict[int, list[int]] = {}
    for one, other in constraints.apart.tolist():
        apart.setdefault(one, []).append(other)
        apart.setdefault(other, []).append(one)
    for face, group in zip(faces.tolist(), groups.tolist(), strict=True):
        place = (group, int(constraints.photo[face]))
        person = int(constraints.person[face])
        if place in photos or any(labels[other] == group for other in apart.get(face, ())):
            continue
        if person >= 0 and person_of.setdefault(group, person) != person:
            continue
        photos.add(place)
        labels[face] = group
    return labels
