"""What a library has to train with, told before anything is computed, and how long it would take.

Nothing here loads torch. What is said to be enough may, rarely, prove too little once training is
prepared: near-duplicates, which take longer to find, may make one occasion of two.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from photoclust.core.errors import UserError
from photoclust.core.language import tr, tr_n
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import PersonId
from photoclust.services.recognition import LibraryRecognizer
from photoclust.services.training import require_torch
from photoclust.services.training_estimate import estimate_s
from photoclust.services.training_library import nobodys, stranger_groups
from photoclust.store import face_table
from photoclust.store import people as people_store
from photoclust.store.database import Library
from photoclust.training.gate import FEWEST_PEOPLE
from photoclust.training.options import Kind
from photoclust.training.splits import Faces, occasions
from photoclust.vision import models

FEWEST_FACES, FEWEST_OCCASIONS = 4, 2
"""Of a person, so that there are two faces to train on and two of another occasion to test on."""
_STRANGER_GROUPS = 2 * FEWEST_PEOPLE
"""Groups of unlabelled faces: half of them go into training, the others have to be enough."""


@dataclass(frozen=True, slots=True)
class PersonHealth:
    """Somebody with a name: how many `faces` users said are theirs, and of how many `occasions`
    these are: photos of one person within six hours of one another are of one.
    """

    id: PersonId
    name: str
    faces: int
    occasions: int

    @property
    def problem(self) -> str | None:
        """Why nothing can be tested on this person, in a few words; None where it can."""
        if self.faces < FEWEST_FACES:
            return tr("too few photos")
        if self.occasions < FEWEST_OCCASIONS:
            return tr("one occasion only")
        return None


@dataclass(frozen=True, slots=True)
class TrainingHealth:
    """What there is: everybody with a name, most faces first; how many faces are `unlabelled`, that
    is, nobody's as far as is known, and in how many groups of two or more (see `stranger_groups`);
    and why nothing can be trained at all (`obstacle`, a clause), None where it can.
    """

    people: tuple[PersonHealth, ...]
    unlabelled: int
    groups: int
    obstacle: str | None

    def missing(self, chosen: Collection[PersonId]) -> str | None:
        """Why training with the `chosen` people cannot start and what to do, a clause; None where
        it can.
        """
        if self.obstacle is not None:
            return self.obstacle
        if not self.people:
            return tr("nobody has a name yet; name people, and say of which photos they are")
        able = sum(person.problem is None for person in self._among(chosen))
        if able < FEWEST_PEOPLE:
            return _too_few(able)
        if not self.unlabelled:
            return tr(
                "every face has a name; training also needs faces of people whom nobody named, "
                "to see that it does not get worse for them: add photos of others"
            )
        return None

    @property
    def warning(self) -> str | None:
        """Why a new model may well not be accepted, a clause; None where nothing speaks for it."""
        if self.groups >= _STRANGER_GROUPS:
            return None
        if not self.groups:
            return tr(
                "only none of the groups without a name can serve as strangers; with fewer than "
                "{least} a new model may not be accepted, because nothing shows whether it is "
                "worse for people it does not know",
                least=_STRANGER_GROUPS,
            )
        return tr(
            "only {groups} of the groups without a name can serve as strangers; with fewer than "
            "{least} a new model may not be accepted, because nothing shows whether it is worse "
            "for people it does not know",
            groups=self.groups,
            least=_STRANGER_GROUPS,
        )

    def faces(self, chosen: Collection[PersonId]) -> int:
        """How many faces the `chosen` people have together."""
        return sum(person.faces for person in self._among(chosen))

    def estimate_s(self, recipe: Kind, chosen: Collection[PersonId]) -> float:
        """About how many seconds training with the `chosen` people takes; see `estimate_s`."""
        return estimate_s(recipe, self.faces(chosen), self.unlabelled)

    def _among(self, chosen: Collection[PersonId]) -> list[PersonHealth]:
        return [person for person in self.people if person.id in chosen]


def health(library: Library) -> TrainingHealth:
    """What `library` has to train with."""
    with library.read() as tx:
        table = face_table.load_table(tx, models.DEFAULT_EMBEDDER)
        named = people_store.names_and_uids(tx)
        hidden = people_store.hidden_people(tx)
    known = table.person >= 0
    alone = np.full(len(table.ids), -1, np.int64)
    occasion = occasions(Faces(table.person, table.photo, table.taken, alone), known)
    who = table.person[known].tolist()
    faces = Counter(who)
    met = Counter(person for person, _ in set(zip(who, occasion[known].tolist(), strict=True)))
    people = [
        PersonHealth(person, name, faces[person], met[person])
        for person, (name, _) in named.items()
        if name and person not in hidden
    ]
    return TrainingHealth(
        tuple(sorted(people, key=lambda one: (-one.faces, one.name.casefold(), one.id))),
        len(nobodys(table)),
        stranger_groups(table),
        _obstacle(library),
    )


def count_doubtful(
    library: Library, settings: Settings, *, control: JobControl | None = None
) -> int:
    """How many confirmed faces look like a slip of whoever named them; see `doubting.doubts`.

    Raises CancelledError when cancelled.
    """
    return len(LibraryRecognizer(library, settings).doubts(control)[1].rows)


def _too_few(able: int) -> str:
    needed = {"people": FEWEST_PEOPLE, "photos": FEWEST_FACES, "occasions": FEWEST_OCCASIONS}
    if not able:
        return tr(
            "training needs at least {people} people with {photos} confirmed photos or more from "
            "{occasions} occasions or more, and none of those chosen are such; choose or name "
            "more people, or confirm more of their photos",
            **needed,
        )
    return tr_n(
        able,
        "training needs at least {people} people with {photos} confirmed photos or more from "
        "{occasions} occasions or more, and {n} of those chosen is such; choose or name more "
        "people, or confirm more of their photos",
        "training needs at least {people} people with {photos} confirmed photos or more from "
        "{occasions} occasions or more, and {n} of those chosen are such; choose or name more "
        "people, or confirm more of their photos",
        **needed,
    )


def _obstacle(library: Library) -> str | None:
    if library.read_only is not None:
        return tr("nothing can be trained: {reason}", reason=library.read_only)
    try:
        require_torch()
    except UserError as error:
        return str(error)
    return None
