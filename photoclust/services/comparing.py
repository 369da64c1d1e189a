"""Which decisions of a file a library takes over, and which contradict what stands in it.

What stands here stays, always. Only reads: the outcome is a `Plan`, which `exchange` tells of and
makes true. In it, drawn faces, people, and rules for folders that are yet to be made have negative
ids.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from photoclust.core.types import Box, FaceId, PhotoId
from photoclust.services import facts
from photoclust.services.decision_files import (
    FaceWords,
    FolderWords,
    PersonWords,
    PhotoWords,
)
from photoclust.services.facts import Fact
from photoclust.services.who_is_who import identify, settled
from photoclust.store import decisions, exchange, same_photo
from photoclust.store import files as file_store
from photoclust.store.database import Transaction
from photoclust.store.decisions import Register, Subject, Value
from photoclust.store.exchange import KnownFace
from photoclust.store.journal import people_of
from photoclust.store.matching import PlacedFace, match_faces
from photoclust.store.names import name_key

_NOBODY = "somebody without a name"
_FACE = {True: "not a face", False: "a face"}
"""In words, whether a face is excluded."""
_BATCH = 500
"""Photos looked up at a time."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A decision of the file that is not taken over, since another stands here.

    `photo` is None where it is about a person; `box` is relative to the upright photo, None where
    it is about no face. `ours` and `theirs` are words for the user, `author` is whose theirs is.
    """

    photo: PhotoId | None
    box: Box | None
    ours: str
    theirs: str
    author: str


@dataclass(slots=True)
class Plan:
    """What is to be done, and what is to be told.

    `writes` are decisions by author; `newcomers` are the people that come with them (see
    `who_is_who.Identified`), `drawn` the faces, `folders` those of which nothing was said yet.
    `same` counts decisions that stand here already.
    """

    writes: dict[str, dict[Register, Value]] = field(default_factory=dict)
    newcomers: dict[int, str] = field(default_factory=dict)
    drawn: dict[int, tuple[PhotoId, Box]] = field(default_factory=dict)
    folders: dict[int, Path] = field(default_factory=dict)
    contradictions: list[Contradiction] = field(default_factory=list)
    same: int = 0
    missing_photos: int = 0
    missing_faces: int = 0
    missing_folders: int = 0

    def registers(self) -> list[Register]:
        """Everything that is decided."""
        return [register for writes in self.writes.values() for register in writes]


def compare(
    tx: Transaction,
    people: Sequence[PersonWords],
    folders: Sequence[FolderWords],
    photos: Iterable[PhotoWords],
) -> Plan:
    """What the words of a file about `people`, `folders` and `photos` come to in this library."""
    comparison = _Comparison(tx)
    comparison.about_people(people)
    comparison.about_folders(folders)
    batch: list[PhotoWords] = []
    for photo in photos:
        batch.append(photo)
        if len(batch) == _BATCH:
            comparison.about_photos(batch)
            batch.clear()
    comparison.about_photos(batch)
    return comparison.finish()


class _Comparison:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._plan = Plan()
        self._known = exchange.people(tx)
        alive = {person.id for person in self._known if person.alive}
        self._here = {
            register: value
            for register, value in decisions.everything(tx).items()
            # A word for somebody who has ended says nothing of who it is.
            if register.subject is not Subject.IDENTITY or value in alive
        }
        self._taken: dict[Register, Value] = {}
        self._ids: dict[str, int] = {}
        self._names: dict[int, str | None] = {person.id: person.name for person in self._known}
        self._nameless: dict[int, list[PersonWords]] = {}
        self._spoken_of: set[int] = set()
        self._facts: list[Fact] = []
        self._drawn: dict[PhotoId, list[KnownFace]] = {}

    def about_people(self, words: Sequence[PersonWords]) -> None:
        """Find out who is who, and take over their names and whether they are hidden."""
        found = identify(self._tx, words, self._known)
        self._ids.update(found.ids)
        self._plan.newcomers.update(found.newcomers)
        self._names.update(dict.fromkeys(found.newcomers))
        for said in words:
            person = self._ids.get(said.uid)
            if person is not None and person in found.newcomers and said.name is not None:
                self._names[person] = said.name
        hides = [Register(Subject.HIDDEN, self._ids[p.uid]) for p in words if p.uid in self._ids]
        shown_again = settled(self._tx, hides) - self._here.keys()
        for said in words:
            person = self._ids.get(said.uid)
            if person is None:
                called = said.name or _NOBODY
                self._contradict(None, None, f"{called} was deleted", called, said.author)
                continue
            self._facts += facts.of_person(said, person, self._called(person))
            if person in self._plan.newcomers and self._names[person] is None:
                self._nameless.setdefault(person, []).append(said)
                continue
            if person in self._plan.newcomers:
                self._take(Register(Subject.PERSON, person), 1, said.author)
            if said.name is not None:
                self._name(person, said.name, said.author)
            if said.hidden:
                again = Register(Subject.HIDDEN, person) in shown_again
                self._hide(person, said.author, again=again)

    def about_folders(self, words: Sequence[FolderWords]) -> None:
        """Take over in which folders' photos one person may be there several times."""
        rules, roots = same_photo.rules(self._tx), file_store.folders(self._tx)
        taken_back = settled(
            self._tx, [Register(Subject.FOLDER_REPEATS, n) for n in rules.values()]
        )
        for said in words:
            name, *below = said.path
            found = [root.joinpath(*below) for root in roots if root.name == name]
            self._plan.missing_folders += not found
            for folder in found:
                rule = rules.setdefault(folder, -1 - len(self._plan.folders))
                if rule < 0:
                    self._plan.folders[rule] = folder
                register = Register(Subject.FOLDER_REPEATS, rule)
                if self._now(register) is not None:
                    self._plan.same += 1
                elif register in taken_back:
                    self._contradict(
                        None,
                        None,
                        f"{folder}: {facts.REPEATS[False]}",
                        f"{folder}: {facts.REPEATS[True]}",
                        said.author,
                    )
                else:
                    self._take(register, 1, said.author)

    def about_photos(self, words: Sequence[PhotoWords]) -> None:
        """Take over what is said of photos and of the faces in them."""
        tx = self._tx
        by_hash = exchange.find_by_hashes(tx, [h for said in words for h in said.hashes])
        by_picture = exchange.find_by_pictures(tx, [h for said in words for h in said.pictures])
        known = exchange.faces(tx, {*by_hash.values(), *by_picture.values()})
        for said in words:
            for face in said.faces:
                uids = (face.person, *face.rejected)
                self._spoken_of.update(self._ids[uid] for uid in uids if uid in self._ids)
            found = [by_hash[digest] for digest in said.hashes if digest in by_hash]
            found += [by_picture[digest] for digest in said.pictures if digest in by_picture]
            if not found:
                self._plan.missing_photos += 1
                continue
            self._facts += facts.of_photo(said, found[0], self._ids, self._called)
            self._about_faces(found[0], known[found[0]], said.faces)

    def finish(self) -> Plan:
        """The plan, when everything was gone through."""
        used = {
            value if register.subject is Subject.IDENTITY else register.b
            for register, value in self._taken.items()
            if register.subject in {Subject.IDENTITY, Subject.REJECTION}
        }
        # Whoever only has faces that are somebody else here would be an empty newcomer.
        empty = self._nameless.keys() & (self._spoken_of - used)
        self._take_facts(empty)
        for person, words in self._nameless.items():
            if person in empty:
                continue
            for said in words:
                self._take(Register(Subject.PERSON, person), 1, said.author)
                if said.hidden:
                    self._hide(person, said.author, again=False)
        return self._plan

    def _name(self, person: int, name: str, author: str) -> None:
        register = Register(Subject.NAME, person)
        ours = self._now(register)
        if ours is None:
            self._take(register, name, author)
        elif name_key(str(ours)) == name_key(name):
            self._plan.same += 1
        else:
            self._contradict(None, None, str(ours), name, author)

    def _hide(self, person: int, author: str, *, again: bool) -> None:
        """`again` where the user hid the person once, and then took that back."""
        register = Register(Subject.HIDDEN, person)
        if self._now(register) is not None:
            self._plan.same += 1
        elif again:
            called = self._called(person)
            self._contradict(None, None, f"{called} is shown", f"{called} is hidden", author)
        else:
            self._take(register, 1, author)

    def _about_faces(
        self, photo: PhotoId, known: Sequence[KnownFace], words: Sequence[FaceWords]
    ) -> None:
        by_box: dict[Box, list[FaceWords]] = {}
        for said in words:
            by_box.setdefault(said.box, []).append(said)
        candidates = [*known, *self._drawn.get(photo, ())]
        matched = match_faces(
            [PlacedFace(face.box, None) for face in candidates],
            [PlacedFace(box, None) for box in by_box],
        )
        for index, (box, theirs) in enumerate(by_box.items()):
            if index in matched:
                self._about_face(photo, candidates[matched[index]], theirs)
            elif any(said.drawn for said in theirs):
                face = KnownFace(FaceId(-1 - len(self._plan.drawn)), box, drawn=True)
                self._plan.drawn[face.id] = (photo, box)
                self._drawn.setdefault(photo, []).append(face)
                self._about_face(photo, face, theirs)
            else:
                self._plan.missing_faces += 1

    def _about_face(self, photo: PhotoId, face: KnownFace, words: Sequence[FaceWords]) -> None:
        no_face = any(said.excluded for said in words)
        for said in words:
            if said.person in self._ids:
                self._is(photo, face, self._ids[said.person], said.author, no_face=no_face)
            for uid in said.rejected:
                if uid in self._ids:
                    self._is_not(photo, face, self._ids[uid], said.author)
            if said.excluded is not None:
                self._exclude(photo, face, said.excluded, said.author)
            for uid in said.covers:
                if (person := self._ids.get(uid)) is not None:
                    called, author = self._called(person), said.author
                    self._facts.append(
                        facts.of_cover(
                            photo, face.id, face.box, person, called=called, author=author
                        )
                    )
        drawn = [said for said in words if said.drawn]
        if drawn and all(said.excluded is None for said in words):
            # Who draws a face says that it is one.
            self._exclude(photo, face, False, drawn[0].author)

    def _is(
        self, photo: PhotoId, face: KnownFace, person: int, author: str, *, no_face: bool
    ) -> None:
        """`no_face` where they say that it is none besides, so that it matters not if we do."""
        register = Register(Subject.IDENTITY, face.id)
        ours, called = self._now(register), self._called(person)
        if ours == person:
            self._plan.same += 1
        elif ours is not None:
            self._contradict(photo, face.box, self._called(ours), called, author)
        elif self._now(Register(Subject.REJECTION, face.id, person)) is not None:
            self._contradict(photo, face.box, f"not {called}", called, author)
        elif self._here.get(Register(Subject.EXCLUDED, face.id)) == 1 and not no_face:
            self._contradict(photo, face.box, _FACE[True], called, author)
        else:
            self._take(register, person, author)

    def _is_not(self, photo: PhotoId, face: KnownFace, person: int, author: str) -> None:
        register = Register(Subject.REJECTION, face.id, person)
        if self._now(register) is not None:
            self._plan.same += 1
        elif self._now(Register(Subject.IDENTITY, face.id)) == person:
            called = self._called(person)
            self._contradict(photo, face.box, called, f"not {called}", author)
        else:
            self._take(register, 1, author)

    def _exclude(self, photo: PhotoId, face: KnownFace, excluded: bool, author: str) -> None:
        register = Register(Subject.EXCLUDED, face.id)
        ours = self._now(register)
        person = self._here.get(Register(Subject.IDENTITY, face.id))
        if excluded == (face.drawn if ours is None else bool(ours)):
            self._plan.same += 1
        elif ours is not None:
            self._contradict(photo, face.box, _FACE[bool(ours)], _FACE[excluded], author)
        elif excluded and person is not None:
            self._contradict(photo, face.box, self._called(person), _FACE[True], author)
        else:
            self._take(register, int(excluded), author)

    def _take_facts(self, empty: Collection[int]) -> None:
        """Take over what is said besides who is who, but not of the people `empty`."""
        found = [each for each in self._facts if not people_of({each.register: None}) & set(empty)]
        found.sort(key=lambda fact: fact.register.subject)
        taken_back = settled(self._tx, [fact.register for fact in found]) - self._here.keys()
        for fact in found:
            ours = self._now(fact.register)
            if (ours is not None and fact.agrees_with(ours)) or self._is_name(fact):
                self._plan.same += 1
            elif ours is not None or fact.register in taken_back:
                here, there = fact.say(ours), fact.say(fact.value)
                self._contradict(fact.photo, fact.box, here, there, fact.author)
            else:
                self._take(fact.register, fact.value, fact.author)

    def _is_name(self, fact: Fact) -> bool:
        """Whether it is another name for somebody who is called just so here."""
        name = self._now(Register(Subject.NAME, fact.register.a))
        is_alias = fact.register.subject is Subject.ALIAS
        return is_alias and name is not None and name_key(str(name)) == name_key(str(fact.value))

    def _now(self, register: Register) -> Value:
        """What stands here or, where nothing does, is taken over so far."""
        return self._here.get(register, self._taken.get(register))

    def _take(self, register: Register, value: Value, author: str) -> None:
        if register not in self._taken:
            self._taken[register] = value
            self._plan.writes.setdefault(author, {})[register] = value

    def _contradict(
        self, photo: PhotoId | None, box: Box | None, ours: str, theirs: str, author: str
    ) -> None:
        self._plan.contradictions.append(Contradiction(photo, box, ours, theirs, author))

    def _called(self, person: Value) -> str:
        return self._names.get(person) or _NOBODY if isinstance(person, int) else _NOBODY
