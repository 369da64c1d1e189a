"""Making true what a comparison with a file of decisions came to."""

from collections.abc import Mapping

from photoclust.core.types import Detection, FoundFace, LibraryChanges, ModelId, PersonId, PhotoId
from photoclust.services.comparing import Plan
from photoclust.store import decisions, journal, same_photo
from photoclust.store import faces as face_store
from photoclust.store import people as people_store
from photoclust.store.database import Transaction
from photoclust.store.decisions import Register, Subject, Value

_SCORE = 1.0
"""Somebody saw the face and drew it."""
_QUALITY = 0.0
"""Nobody has looked at how good its picture is."""


def take_over(tx: Transaction, plan: Plan, source: str) -> LibraryChanges:
    """Carry out a plan as one act for each author, each saying that it is from the file `source`;
    gives what that touched.
    """
    makers = _Makers(tx, plan)
    changes = []
    for author, writes in plan.writes.items():
        act = journal.Act(tx, "import", {"from": source}, author=author)
        real = makers.make(act, writes)
        act.decide(real)
        for person in sorted(journal.people_of(real)):
            act.note_person(person, people_store.person_name(tx, PersonId(person)) or "")
        changes.append(act.finish())
    photos = {PhotoId(photo) for photo in decisions.photos_of(plan.registers())}
    return LibraryChanges(
        photos=frozenset(photos.union(*(change.photos for change in changes))),
        faces=frozenset().union(*(change.faces for change in changes)),
        people=frozenset().union(*(change.people for change in changes)),
        clusters=frozenset().union(*(change.clusters for change in changes)),
    )


class _Makers:
    """Makes people and drawn faces when a decision first speaks of them, whoever's it is: so no
    entry speaks of somebody who comes with a later one.
    """

    def __init__(self, tx: Transaction, plan: Plan) -> None:
        self._tx = tx
        self._plan = plan
        self._people: dict[int, int] = {}
        self._faces: dict[int, int] = {}

    def make(self, act: journal.Act, writes: Mapping[Register, Value]) -> dict[Register, Value]:
        """`writes` with real ids; whoever is missing for them is made by `act`."""
        real: dict[Register, Value] = {}
        for register, value in writes.items():
            match register.subject:
                case Subject.COVER:
                    person, face = self._person(act, register.a), self._face(int(value or 0))
                    real[register._replace(a=person)] = face
                case subject if subject in decisions.ABOUT_PEOPLE:
                    real[register._replace(a=self._person(act, register.a))] = value
                case Subject.PRESENCE:
                    real[register._replace(b=self._person(act, register.b))] = value
                case Subject.IDENTITY:
                    face = self._face(register.a)
                    real[register._replace(a=face)] = self._person(act, int(value or 0))
                case Subject.REJECTION:
                    face, person = self._face(register.a), self._person(act, register.b)
                    real[register._replace(a=face, b=person)] = value
                case Subject.EXCLUDED:
                    real[register._replace(a=self._face(register.a))] = value
                case Subject.FOLDER_REPEATS:
                    real[register._replace(a=self._rule(register.a))] = value
                case _:
                    real[register] = value
        return real

    def _person(self, act: journal.Act, number: int) -> int:
        if number not in self._plan.newcomers:
            return number
        if number not in self._people:
            if number < 0:
                uid = self._plan.newcomers[number]
                self._people[number] = people_store.add_person(act, None, uid=uid)
            else:
                act.decide({Register(Subject.PERSON, number): 1})
                self._people[number] = number
        return self._people[number]

    def _rule(self, number: int) -> int:
        folder = self._plan.folders.get(number)
        return number if folder is None else same_photo.rule_of(self._tx, folder)

    def _face(self, number: int) -> int:
        if number not in self._plan.drawn:
            return number
        if number not in self._faces:
            photo, box = self._plan.drawn[number]
            # A relative box is one in the pixels of a picture of 1 × 1.
            face = FoundFace(Detection(box, (), _SCORE), _QUALITY)
            size, no_model = (1, 1), ModelId("")
            made = face_store.add_drawn_face(self._tx, photo, face, size, no_model)
            self._faces[number] = made
        return self._faces[number]
