"""Any acts in any order, undone and redone in any order, against a model that is plain and slow.

The model keeps what every act decided and works everything out anew from the acts that stand.
"""

import copy
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from photoclust.core.ages import certainly_before
from photoclust.core.errors import UserError
from photoclust.core.types import (
    Box,
    Detection,
    EntryId,
    EntryStatus,
    FileStat,
    FoundFace,
    LibraryChanges,
    Metadata,
    ModelId,
)
from photoclust.store import (
    aliases,
    birthdays,
    cluster_table,
    decisions,
    files,
    guesses,
    journal,
    people,
    photo_dates,
    photos,
    presences,
    recognitions,
    same_photo,
    schema,
    undoing,
)
from photoclust.store import faces as face_store
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.database import FILE_NAME, Library
from photoclust.store.decisions import Register, Subject
from photoclust.store.journal import Act
from photoclust.store.names import alias_number
from photoclust.store.undoing import Later

FACES = 6
"""The last one is drawn by hand, so that it is none until somebody says that it is one."""
NAMES = ("Anna", "anna", "Jos\u00e9", "Otto")
DATES = (None, "1987-01-01 00:00:00|year|", "1999-05-06 00:00:00|day|")
FOLDERS = ("/photos", "/photos/0")
"""All photos are below the first, the first photo is below both."""
NEWEST = "SELECT coalesce(max(id), 0) FROM entry"
ABOUT_PEOPLE = (
    Subject.PERSON,
    Subject.NAME,
    Subject.HIDDEN,
    Subject.ALIAS,
    Subject.BIRTHDAY,
    Subject.COVER,
)
WITH_PERSON = (Subject.REJECTION, Subject.PRESENCE)
ABOUT_FACES = (Subject.IDENTITY, Subject.REJECTION, Subject.EXCLUDED)

PLACES = st.sets(st.integers(0, FACES - 1), min_size=1, max_size=3)
ANY = st.integers(0, 5)
STEPS = st.one_of(
    st.tuples(st.just("confirm"), PLACES, ANY),
    st.tuples(st.just("reject"), PLACES, ANY),
    st.tuples(st.just("name_face"), st.integers(0, FACES - 1), st.sampled_from(NAMES)),
    st.tuples(st.just("name_group"), ANY, st.one_of(st.none(), ANY)),
    st.tuples(st.just("rename"), ANY, st.sampled_from(NAMES)),
    st.tuples(st.just("merge"), ANY, ANY),
    st.tuples(st.just("merge_groups"), ANY, ANY),
    st.tuples(st.just("split"), st.integers(0, FACES - 1)),
    st.tuples(st.just("hide"), ANY, st.booleans()),
    st.tuples(st.just("hide_face"), st.integers(0, FACES - 1)),
    st.tuples(st.just("exclude"), PLACES, st.booleans()),
    st.tuples(st.just("alias"), ANY, st.sampled_from(NAMES), st.booleans()),
    st.tuples(st.just("birthday"), ANY, st.sampled_from(DATES)),
    st.tuples(st.just("cover"), ANY, st.one_of(st.none(), st.integers(0, FACES - 1))),
    st.tuples(st.just("presence"), PLACES, ANY, st.booleans()),
    st.tuples(st.just("turn"), PLACES, st.sampled_from((0, 90, 270))),
    st.tuples(st.just("invert"), PLACES, st.booleans()),
    st.tuples(st.just("delete"), ANY),
    st.tuples(st.just("date"), PLACES, st.sampled_from(DATES)),
    st.tuples(st.just("repeat"), PLACES, st.booleans()),
    st.tuples(st.just("repeat_folder"), st.sampled_from(FOLDERS), st.booleans()),
    # For each face a label (-1: alone), for each label a person (None: nobody), and whether the
    # groups take over ids of the present ones.
    st.tuples(
        st.just("group"),
        st.lists(st.integers(-1, 2), min_size=FACES, max_size=FACES),
        st.lists(st.one_of(st.none(), ANY), min_size=3, max_size=3),
        st.booleans(),
    ),
    # For each face nothing, or a person and whether it is named; and the faces that are judged.
    st.tuples(
        st.just("recognize"),
        st.lists(
            st.one_of(st.none(), st.tuples(st.integers(0, 1), st.booleans())),
            min_size=FACES,
            max_size=FACES,
        ),
        st.one_of(st.none(), PLACES),
    ),
    st.tuples(st.sampled_from(("undo", "redo", "undo", "redo", "reopen", "replay"))),
    st.tuples(st.just("take_back")),
    st.tuples(st.just("undo")),
    st.tuples(st.just("redo")),
    st.tuples(st.just("undo_entry"), st.integers(0, 20), st.sampled_from(Later)),
    st.tuples(st.just("undo_entry"), st.integers(0, 6), st.sampled_from(Later)),
)
HISTORIES = st.lists(STEPS, min_size=3, max_size=8)


# The model


@dataclass
class Entry:
    """One act: what it decided, and the groups whose person it changed, with before and after; or
    a run that named faces, which is no `step` back.
    """

    id: int = 0
    effects: dict[Register, decisions.Value] = field(default_factory=dict)
    moves: dict[int, tuple[int | None, int | None]] = field(default_factory=dict)
    stands: bool = True
    step: bool = True
    kept: set[Register] = field(default_factory=set)


@dataclass
class Model:
    """What must be true, worked out from the acts that stand."""

    faces: dict[int, tuple[int, float]]
    """Photo and quality of each."""
    drawn: set[int]
    entries: list[Entry] = field(default_factory=list)
    undone: list[list[Entry]] = field(default_factory=list)
    groupings: list[int] = field(default_factory=list)
    home: dict[int, int] = field(default_factory=dict)
    owner: dict[int, int | None] = field(default_factory=dict)
    verdicts: dict[int, tuple[int, bool, Entry | None]] = field(default_factory=dict)
    """For faces that were judged: a person, whether it is named, and the run that named it."""
    given: dict[tuple[int, int], list[Entry]] = field(default_factory=dict)
    """The runs that named a face as a person."""
    paths: dict[int, Path] = field(default_factory=dict)
    rules: dict[int, str] = field(default_factory=dict)
    """The folders that something was ever said of."""

    def state(self, before: int | None = None) -> dict[Register, decisions.Value]:
        """Every register that has a value; with `before`, by the entries older than that."""
        values: dict[Register, decisions.Value] = {}
        for entry in self.entries:
            if before is not None and entry.id >= before:
                break
            values |= {
                register: value
                for register, value in entry.effects.items()
                if entry.stands or register in entry.kept
            }
        return {register: value for register, value in values.items() if value is not None}

    def value(self, subject: Subject, a: int, b: int = 0) -> decisions.Value:
        return self.state().get(Register(subject, a, b))

    def people(self) -> list[int]:
        return sorted(register.a for register in self.state() if register.subject == Subject.PERSON)

    def confirmed(self, face: int) -> int | None:
        person = self.value(Subject.IDENTITY, face)
        return person if person in self.people() else None

    def excluded(self, face: int) -> bool:
        said = self.value(Subject.EXCLUDED, face)
        return face in self.drawn if said is None else bool(said)

    def shown(self, face: int) -> int | None:
        guess = self.owner.get(self.home.get(face, -1))
        if face in self.verdicts:
            guess, named, _ = self.verdicts[face]
            guess = guess if named and not self.taken_back(face, guess) else None
        if not self.possible(face, guess):
            guess = None
        said = self.confirmed(face)
        return None if self.excluded(face) else guess if said is None else said

    def taken_back(self, face: int, person: int) -> bool:
        return any(not run.stands for run in self.given.get((face, person), ()))

    def possible(self, face: int, person: int | None) -> bool:
        """Whether there is such a person and nobody said that it is not them."""
        return (
            person in self.people()
            and not self.value(Subject.REJECTION, face, person)
            and not self.unborn(face, person)
        )

    def unborn(self, face: int, person: int) -> bool:
        taken = self.value(Subject.DATE, self.faces[face][0])
        born = self.value(Subject.BIRTHDAY, person)
        if taken is None or born is None:
            return False
        return certainly_before(photo_dates.read_date(taken), photo_dates.read_date(born))

    def asked(self) -> list[int]:
        return [
            face
            for face, (person, *_) in sorted(self.verdicts.items())
            if self.shown(face) is None
            and not self.excluded(face)
            and self.possible(face, person)
            and not self.value(Subject.HIDDEN, person)
        ]

    def members(self, cluster: int) -> list[int]:
        return [face for face, home in self.home.items() if home == cluster]

    def view(self) -> dict[str, dict[int, tuple]]:
        """All that a list shows, counted anew."""
        state = self.state()
        said = {face: self.confirmed(face) for face in self.faces}
        shown = {face: self.shown(face) for face in self.faces}
        out = {face for face in self.faces if self.excluded(face)}
        loose = {face: home for face, home in self.home.items() if shown[face] is None}
        return {
            "faces": {
                face: (shown[face], said[face] is not None and face not in out, face in out)
                for face in self.faces
            },
            "people": {
                person: (
                    state.get(Register(Subject.NAME, person)),
                    Register(Subject.HIDDEN, person) in state,
                    state.get(Register(Subject.BIRTHDAY, person)),
                    self.aliases(person),
                    *self.counts([face for face in self.faces if shown[face] == person], person),
                )
                for person in self.people()
            },
            "clusters": {
                cluster: (
                    owner,
                    *self.counts([f for f in loose if loose[f] == cluster and f not in out]),
                )
                for cluster, owner in self.owner.items()
            },
            "photos": {
                photo: (
                    state.get(Register(Subject.DATE, photo)),
                    state.get(Register(Subject.REPEATS, photo)),
                    state.get(Register(Subject.VIEW, photo)),
                    state.get(Register(Subject.NEGATIVE, photo)),
                )
                for photo in {photo for photo, _ in self.faces.values()}
            },
        }

    def counts(self, faces: list[int], person: int | None = None) -> tuple[int, int, int | None]:
        best = min(faces, key=lambda face: (-self.faces[face][1], face), default=None)
        chosen = None if person is None else self.value(Subject.COVER, person)
        photos_ = {self.faces[face][0] for face in faces} | self.present(person)
        return len(faces), len(photos_), chosen if chosen in faces else best

    def present(self, person: int | None) -> set[int]:
        """The photos that somebody is in without a face."""
        return {r.a for r in self.state() if r.subject == Subject.PRESENCE and r.b == person}

    def aliases(self, person: int) -> tuple[str, ...]:
        state = self.state().items()
        said = (n for r, n in state if r.subject == Subject.ALIAS and r.a == person)
        return tuple(sorted(said))

    def alias(self, person: int, name: str, value: str | None) -> None:
        self.decide(Subject.ALIAS, person, alias_number(name), value)

    def excepted(self, photo: int) -> bool:
        """Whether one person may be in a photo several times."""
        said = self.value(Subject.REPEATS, photo)
        return self.by_folder(photo) if said is None else bool(said)

    def by_folder(self, photo: int) -> bool:
        return any(
            self.value(Subject.FOLDER_REPEATS, rule)
            for rule, folder in self.rules.items()
            if Path(folder) in self.paths[photo].parents
        )

    # Acts

    def decide(self, subject: Subject, a: int, b: int, value: decisions.Value) -> None:
        if self.value(subject, a, b) != value:
            self.entries[-1].effects[Register(subject, a, b)] = value

    def move_group(self, cluster: int, person: int | None) -> None:
        before = self.owner[cluster]
        if before != person:
            first = self.entries[-1].moves.get(cluster, (before, None))[0]
            self.entries[-1].moves[cluster] = (first, person)
            self.owner[cluster] = person

    def add_person(self, person: int, name: str | None) -> None:
        self.decide(Subject.PERSON, person, 0, 1)
        self.decide(Subject.NAME, person, 0, name)

    def confirm(self, faces: Iterable[int], person: int) -> None:
        for face in faces:
            self.decide(Subject.IDENTITY, face, 0, person)
            self.decide(Subject.REJECTION, face, person, None)

    def reject(self, faces: Iterable[int], person: int) -> None:
        for face in faces:
            if self.value(Subject.IDENTITY, face) == person:
                self.decide(Subject.IDENTITY, face, 0, None)
            self.decide(Subject.REJECTION, face, person, 1)

    def name_group(self, cluster: int, person: int) -> None:
        chosen = [
            face
            for face in self.members(cluster)
            if not self.excluded(face)
            and self.shown(face) in {None, person}
            and self.confirmed(face) is None
            and self.possible(face, person)
        ]
        if self.owner[cluster] is None:
            self.move_group(cluster, person)
        self.confirm(chosen, person)

    def merge(self, source: int, target: int) -> None:
        refused = [face for face in self.faces if self.value(Subject.REJECTION, face, source)]
        self.confirm([face for face in self.faces if self.confirmed(face) == source], target)
        for face in refused:
            self.decide(Subject.REJECTION, face, source, None)
            if self.confirmed(face) != target:
                self.decide(Subject.REJECTION, face, target, 1)
        name = self.value(Subject.NAME, source)
        for subject in (Subject.NAME, Subject.BIRTHDAY, Subject.COVER):
            if self.value(subject, target) is None:
                self.decide(subject, target, 0, self.value(subject, source))
        known = [self.value(Subject.NAME, target), *self.aliases(target)]
        for other in (*self.aliases(source), name):
            if other is not None and not any(ours and same(ours, other) for ours in known):
                self.alias(target, other, other)
        for photo in self.present(source):
            self.decide(Subject.PRESENCE, photo, target, 1)
        self.end(source, target)

    def end(self, person: int, heir: int | None) -> None:
        for face in self.faces:
            if self.value(Subject.IDENTITY, face) == person:
                self.decide(Subject.IDENTITY, face, 0, None)
        for cluster, owner in self.owner.items():
            if owner == person:
                self.move_group(cluster, heir)
        for name in self.aliases(person):
            self.alias(person, name, None)
        for photo in self.present(person):
            self.decide(Subject.PRESENCE, photo, person, None)
        for subject in ABOUT_PEOPLE:
            self.decide(subject, person, 0, None)

    def recognize(self, wanted: dict[int, tuple[int, bool]], judged: set[int]) -> Entry:
        """Take over verdicts; the run that named faces for the first time."""
        run, found = Entry(step=False), {}
        for face, (person, named) in wanted.items():
            if self.excluded(face) or self.confirmed(face) or not self.possible(face, person):
                continue
            before, old_named, old_run = self.verdicts.get(face, (None, False, None))
            if before == person and named and old_named:
                found[face] = (person, named, old_run)
            elif named and not self.taken_back(face, person):
                found[face] = (person, named, run)
                self.given.setdefault((face, person), []).append(run)
            else:
                found[face] = (person, named, None)
        kept = {face: one for face, one in self.verdicts.items() if face not in judged}
        self.verdicts = kept | found
        return run

    # Undo and redo

    def find(self, number: int | None) -> Entry | None:
        """The act to undo: the one with this id, the newest that stands for None."""
        fitting = [
            entry
            for entry in self.entries
            if entry.stands and (entry.step if number is None else entry.id == number)
        ]
        return fitting[-1] if fitting else None

    def builds_on(self, entry: Entry) -> list[Entry]:
        before = self.state(before=entry.id)
        born = {r.a for r, value in entry.effects.items() if r.subject == Subject.PERSON and value}
        back = {before.get(r) for r in entry.effects if r.subject == Subject.IDENTITY}
        return [
            later
            for later in self.entries
            if later.stands
            and later.id > entry.id
            and (
                later.effects.keys() & entry.effects.keys()
                or any(speaks_of(later, person) for person in born)
                or any(
                    r.subject == Subject.PERSON and value is None and r.a in back
                    for r, value in later.effects.items()
                )
            )
        ]

    def undo(self, target: Entry, later: Later) -> list[Entry]:
        """Undo; the entries that went, newest first."""
        before, gone = self.state(), [target]
        building = self.builds_on(target)
        target.stands = False
        if later is Later.KEEP:
            needed = {
                r.a
                for r, value in target.effects.items()
                if r.subject == Subject.PERSON
                and value is not None
                and any(speaks_of(other, r.a) for other in building)
            }
            target.kept = {r for r in target.effects if r.subject in ABOUT_PEOPLE and r.a in needed}
        while building and later is Later.UNDO:
            for entry in building:
                entry.stands = False
            gone += building
            building = [
                other
                for other in self.entries
                if any(other in self.builds_on(entry) for entry in gone)
            ]
        gone.sort(key=lambda entry: -entry.id)
        self.undone.append(gone)
        self.take_over(before, gone, backwards=True)
        return gone

    def redo(self) -> list[Entry]:
        before, back = self.state(), self.undone.pop()
        for entry in back:
            entry.stands, entry.kept = True, set()
        self.take_over(before, back[::-1], backwards=False)
        return back

    def take_over(self, before: dict, entries: list[Entry], *, backwards: bool) -> None:
        after = self.state()
        other = {
            register
            for entry in entries
            for register in entry.effects
            if before.get(register) != after.get(register)
        }
        for entry in entries:
            for cluster, (first, last) in sorted(entry.moves.items()):
                expected, wanted = (last, first) if backwards else (first, last)
                if cluster in self.owner and self.owner[cluster] == expected:
                    self.owner[cluster] = wanted
        if not any(run > entry.id for run in self.groupings for entry in entries):
            return
        changed = {register.a for register in other if register.subject in ABOUT_FACES}
        flipped = {register.a for register in other if register.subject == Subject.PERSON}
        changed |= {face for face in self.faces if self.value(Subject.IDENTITY, face) in flipped}
        for cluster in {self.home[face] for face in changed if face in self.home}:
            votes = Counter(
                self.confirmed(face)
                for face in self.members(cluster)
                if not self.excluded(face) and self.confirmed(face) is not None
            )
            if votes and self.owner[cluster] not in votes:
                self.owner[cluster] = min(votes, key=lambda person: (-votes[person], person))


def speaks_of(entry: Entry, person: int) -> bool:
    return any(
        (r.subject == Subject.IDENTITY and value == person)
        or (r.subject in WITH_PERSON and r.b == person)
        or (r.subject in ABOUT_PEOPLE and r.a == person)
        for r, value in entry.effects.items()
    )


def same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


# The library and the model side by side


def make_library(folder: Path) -> Model:
    """A library whose faces nobody has said anything about, and its model."""
    rng = np.random.default_rng(0)
    model = Model({}, set())
    with Library(folder) as library, library.write() as tx:
        for number in range(FACES):
            if number % 2 == 0:
                path = Path(f"/photos/{number}/{number}.jpg")
                stat = FileStat(path, 10, 20)
                photo = photos.write_photo(
                    tx,
                    photo=None,
                    size=(400, 300),
                    turn=0,
                    metadata=Metadata(None, None),
                    stat=stat,
                    detector="made-up",
                )
                files.write_file(tx, stat, photo, f"{number:040x}")
                model.paths[photo] = path
            vector = rng.standard_normal(512).astype(np.float32)
            quality = (0.2, 0.9, 0.5, 0.5, 0.7, 0.4)[number]
            box = Box(10.0 + 60 * number, 10.0, 50.0, 50.0)
            corners = ((box.x, box.y),) * 5
            found = FoundFace(Detection(box, corners, 0.9), quality, vector)
            face = face_store.add_drawn_face(tx, photo, found, (400, 300), ModelId("made-up"))
            if number < FACES - 1:
                tx.execute(
                    schema.face.update()
                    .where(schema.face.c.id == face)
                    .values(drawn=False, excluded=False)
                )
            else:
                model.drawn.add(face)
            model.faces[face] = (photo, quality)
    return model


def view(tx) -> dict[str, dict[int, tuple]]:
    """All that a list shows, as the library has it."""
    counts = "face_count, photo_count, cover_id"
    queries = {
        "faces": "SELECT id, person_id, confirmed = 1, excluded = 1 FROM face",
        "people": f"SELECT id, name, hidden = 1, born, NULL, {counts} FROM person WHERE alive",
        "clusters": f"SELECT id, person_id, {counts} FROM cluster",
        "photos": "SELECT id, dated, repeats, view_turn, said_negative FROM photo",
    }
    found = {
        part: {row[0]: tuple(row[1:]) for row in tx.exec_driver_sql(query)}
        for part, query in queries.items()
    }
    also = aliases.aliases(tx)
    found["people"] = {
        person: (name, hidden, born, tuple(sorted(also.get(person, ()))), *counted)
        for person, (name, hidden, born, _, *counted) in found["people"].items()
    }
    return found


class History:
    """Does every step in a library and in its model, and compares them after each."""

    def __init__(self, folder: Path, model: Model) -> None:
        self.library = Library(folder)
        self.model = model
        self.past: list[tuple[dict, dict]] = []
        """What was shown before and after the acts that can be undone one by one."""
        self.future: list[tuple[dict, dict]] = []
        self.shown, self.last = self.look()

    def run(self, step: tuple) -> None:
        kind, *details = step
        getattr(self, kind)(*details)
        self.check()

    def face(self, place: int) -> int:
        return sorted(self.model.faces)[place]

    def faces(self, places: Iterable[int]) -> list[int]:
        return [self.face(place) for place in sorted(places)]

    def person(self, number: int) -> int | None:
        there = self.model.people()
        return there[number % len(there)] if there else None

    def cluster(self, number: int) -> int | None:
        there = sorted(self.model.owner)
        return there[number % len(there)] if there else None

    def look(self) -> tuple[dict, int]:
        """What is shown, and the id of the newest entry."""
        with self.library.read() as tx:
            return view(tx), tx.exec_driver_sql(NEWEST).scalar_one()

    @contextmanager
    def act(self, kind: str) -> Iterator[Act]:
        before, last = self.shown, self.last
        self.model.entries.append(Entry())
        with self.library.write() as tx:
            act = Act(tx, kind)
            yield act
            changes = act.finish()
        after, number = self.look()
        made = self.model.entries[-1]
        assert (number > last) == bool(made.effects or made.moves)
        if number == last:
            self.model.entries.pop()
            return
        made.id = number
        told(before, after, changes)
        self.model.undone.clear()
        self.past.append((before, after))
        self.future.clear()

    def confirm(self, places: set[int], number: int) -> None:
        if person := self.person(number):
            with self.act("confirm") as act:
                people.confirm(act, self.faces(places), person)
                self.model.confirm(self.faces(places), person)

    def reject(self, places: set[int], number: int) -> None:
        if person := self.person(number):
            with self.act("reject") as act:
                people.reject(act, self.faces(places), person)
                self.model.reject(self.faces(places), person)

    def name_face(self, place: int, name: str) -> None:
        with self.act("name") as act:
            self.new_person(act, [self.face(place)], name)

    def new_person(self, act: Act, faces: list[int], name: str | None) -> int:
        person = people.add_person(act, name)
        people.confirm(act, faces, person)
        self.model.add_person(person, name)
        self.model.confirm(faces, person)
        return person

    def name_group(self, place: int, number: int | None) -> None:
        cluster = self.cluster(place)
        person = None if number is None else self.person(number)
        if cluster is None:
            return
        with self.act("name") as act:
            if person is None:
                person = self.new_person(act, [], "Berta")
            people.name_cluster(act, cluster, person)
            self.model.name_group(cluster, person)

    def rename(self, number: int, name: str) -> None:
        if person := self.person(number):
            with self.act("rename") as act:
                people.rename(act, person, name)
                self.model.decide(Subject.NAME, person, 0, name)
                self.model.alias(person, name, None)

    def merge(self, one: int, other: int) -> None:
        source, target = self.person(one), self.person(other)
        if source is not None and source != target:
            with self.act("merge") as act:
                people.merge(act, source, target)
                self.model.merge(source, target)

    def merge_groups(self, one: int, other: int) -> None:
        source, target = self.cluster(one), self.cluster(other)
        if source is not None and source != target:
            with self.act("merge") as act:
                person = self.new_person(act, [], None)
                for cluster in (target, source):
                    people.name_cluster(act, cluster, person)
                    self.model.name_group(cluster, person)

    def split(self, place: int) -> None:
        face, model = self.face(place), self.model
        source, home = model.shown(face), model.home.get(face)
        if model.excluded(face) or (source is None and home is None):
            return
        others = [
            other
            for other in model.faces
            if source is None and other != face and model.home.get(other) == home
        ]
        others = [f for f in others if model.shown(f) is None and not model.excluded(f)]
        with self.act("split") as act:
            person = people.split(act, [face], others, source)
            model.add_person(person, None)
            if source is not None:
                model.reject([face], source)
            model.confirm([face], person)
            model.reject(others, person)

    def hide(self, number: int, hidden: bool) -> None:
        if person := self.person(number):
            with self.act("hide") as act:
                people.hide(act, person, hidden)
                self.model.decide(Subject.HIDDEN, person, 0, 1 if hidden else None)

    def hide_face(self, place: int) -> None:
        with self.act("hide") as act:
            person = self.new_person(act, [self.face(place)], None)
            people.hide(act, person, True)
            self.model.decide(Subject.HIDDEN, person, 0, 1)

    def exclude(self, places: set[int], excluded: bool) -> None:
        with self.act("not a face") as act:
            people.exclude(act, self.faces(places), excluded)
            for face in self.faces(places):
                as_found = excluded == (face in self.model.drawn)
                self.model.decide(Subject.EXCLUDED, face, 0, None if as_found else int(excluded))

    def alias(self, number: int, name: str, given: bool) -> None:
        if person := self.person(number):
            with self.act("alias") as act:
                (aliases.add_alias if given else aliases.remove_alias)(act, person, name)
                self.model.alias(person, name, name if given else None)

    def birthday(self, number: int, date: str | None) -> None:
        if person := self.person(number):
            with self.act("birthday") as act:
                birthdays.set_birthday(
                    act, person, None if date is None else photo_dates.read_date(date)
                )
                self.model.decide(Subject.BIRTHDAY, person, 0, date)

    def cover(self, number: int, place: int | None) -> None:
        if person := self.person(number):
            face = None if place is None else self.face(place)
            with self.act("cover") as act:
                people.choose_cover(act, person, face)
                self.model.decide(Subject.COVER, person, 0, face)

    def presence(self, places: set[int], number: int, present: bool) -> None:
        if person := self.person(number):
            chosen = {self.model.faces[face][0] for face in self.faces(places)}
            with self.act("in photo") as act:
                presences.set_present(act, sorted(chosen), person, present)
                for photo in chosen:
                    self.model.decide(Subject.PRESENCE, photo, person, 1 if present else None)

    def turn(self, places: set[int], degrees: int) -> None:
        chosen = {self.model.faces[face][0] for face in self.faces(places)}
        with self.act("turn") as act:
            people.set_view_turn(act, sorted(chosen), degrees)
            for photo in chosen:
                self.model.decide(Subject.VIEW, photo, 0, degrees or None)

    def invert(self, places: set[int], negative: bool) -> None:
        chosen = {self.model.faces[face][0] for face in self.faces(places)}
        with self.act("negative") as act:
            people.say_negative(act, sorted(chosen), negative)
            for photo in chosen:
                self.model.decide(Subject.NEGATIVE, photo, 0, int(negative))

    def delete(self, number: int) -> None:
        if person := self.person(number):
            with self.act("delete") as act:
                people.delete_person(act, person)
                self.model.end(person, None)

    def date(self, places: set[int], date: str | None) -> None:
        dated = {self.model.faces[face][0] for face in self.faces(places)}
        with self.act("date") as act:
            people.set_date(act, sorted(dated), date)
            for photo in dated:
                self.model.decide(Subject.DATE, photo, 0, date)

    def repeat(self, places: set[int], repeats: bool) -> None:
        chosen = {self.model.faces[face][0] for face in self.faces(places)}
        with self.act("same photo") as act:
            same_photo.decide_photos(act, sorted(chosen), repeats)
            for photo in chosen:
                same = self.model.by_folder(photo) == repeats
                self.model.decide(Subject.REPEATS, photo, 0, None if same else int(repeats))

    def repeat_folder(self, folder: str, repeats: bool) -> None:
        with self.act("same photo") as act:
            same_photo.decide_folder(act, Path(folder), repeats)
            rule = same_photo.rule_of(act.tx, Path(folder))
            self.model.rules[rule] = folder
            self.model.decide(Subject.FOLDER_REPEATS, rule, 0, 1 if repeats else None)

    def group(self, labels: list[int], owners: list[int | None], keep_ids: bool) -> None:
        model, old, contents = self.model, sorted(self.model.owner), []
        for label in sorted(set(labels) - {-1}):
            owner = None if owners[label] is None else self.person(owners[label])
            mine = [self.face(place) for place, own in enumerate(labels) if own == label]
            contents.append(ClusterContent(old.pop() if keep_ids and old else None, owner, mine))
        with self.library.write() as tx:
            run = journal.start_run(tx, "group", {})
            cluster_table.replace_clusters(tx, contents, run)
            journal.end_run(tx, run, EntryStatus.DONE)
            rows = tx.execute(select(schema.face.c.id, schema.face.c.cluster_id)).all()
        model.groupings.append(run)
        model.home = {row.id: row.cluster_id for row in rows if row.cluster_id is not None}
        model.owner = {model.home[content.faces[0]]: content.person for content in contents}
        for content in contents:
            cluster = model.home[content.faces[0]]
            assert content.id in {None, cluster}
            assert sorted(model.members(cluster)) == content.faces
        self.start_anew()

    def recognize(self, verdicts: list[tuple[int, bool] | None], places: set[int] | None) -> None:
        judged = self.faces(range(FACES) if places is None else places)
        wanted = {
            self.face(place): (self.person(said[0]), said[1])
            for place, said in enumerate(verdicts)
            if said is not None and self.face(place) in judged and self.person(said[0])
        }
        before, model = self.shown, self.model
        with self.library.write() as tx:
            written = recognitions.write(
                tx,
                as_columns(wanted),
                None if places is None else np.array(judged),
                model=ModelId("made-up"),
            )
        run = model.recognize(wanted, set(judged))
        named = sorted(face for face, one in model.verdicts.items() if one[2] is run)
        assert list(written.newly_named) == named
        assert (written.entry is not None) == bool(named)
        if named:
            run.id = written.entry
            model.entries.append(run)
        after, _ = self.look()
        told(before, after, written.changes)
        self.start_anew()

    def take_back(self) -> None:
        """Undo the newest run that named faces."""
        runs = [entry.id for entry in self.model.entries if entry.stands and not entry.step]
        if runs:
            self.undo_entry(runs[-1], Later.REFUSE)

    def undo(self) -> None:
        self.undo_entry(None, Later.REFUSE)

    def undo_entry(self, number: int | None, later: Later) -> None:
        target, before = self.model.find(number), self.shown
        building = [] if target is None else self.model.builds_on(target)
        try:
            with self.library.write() as tx:
                done = undoing.undo(tx, None if number is None else EntryId(number), later)
        except UserError as error:
            refused = [entry.id for entry in getattr(error, "later", ())]
            expected = [entry.id for entry in building[::-1]] if later is Later.REFUSE else []
            assert refused == expected
            assert target is None or (refused and number is not None)
            return
        assert target is not None
        assert not building or later is not Later.REFUSE
        gone = self.model.undo(target, later)
        assert [entry.id for entry in done.entries] == [entry.id for entry in gone]
        after, _ = self.look()
        told(before, after, done.changes)
        if number is not None:
            self.start_anew()
        elif self.past:
            self.future.append(self.past.pop())
            assert after == self.future[-1][0]
        else:
            self.start_anew()

    def redo(self) -> None:
        before = self.shown
        try:
            with self.library.write() as tx:
                done = undoing.redo(tx)
        except UserError:
            assert not self.model.undone
            return
        back = self.model.redo()
        assert [entry.id for entry in done.entries] == [entry.id for entry in back]
        after, _ = self.look()
        told(before, after, done.changes)
        if self.future:
            self.past.append(self.future.pop())
            assert after == self.past[-1][1]

    def start_anew(self) -> None:
        """From here on, undoing what was before need not show just what was shown then."""
        self.past.clear()
        self.future.clear()

    def reopen(self) -> None:
        folder = self.library.folder
        self.library.close()
        self.library = Library(folder)

    def replay(self) -> None:
        with self.library.write() as tx:
            journal.replay(tx)
        assert self.look() == (self.shown, self.last)

    def check(self) -> None:
        model, newest = self.model, self.model.find(None)
        with self.library.read() as tx:
            said = decisions.everything(tx)
            assert said == model.state()
            assert journal.standing(tx) == said
            self.shown, self.last = view(tx), tx.exec_driver_sql(NEWEST).scalar_one()
            assert self.shown == model.view()
            assert guesses.count_stale(tx) == 0
            assert recognitions.asked(tx).face.tolist() == model.asked()
            assert same_photo.exceptions(tx) == set(filter(model.excepted, model.paths))
            back, forth = undoing.next_undo(tx), undoing.next_redo(tx)
            assert (back and back.id) == (newest and newest.id)
            assert (forth and forth.id) == (model.undone[-1][-1].id if model.undone else None)
            assert tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def as_columns(wanted: dict[int, tuple[int, bool]]) -> recognitions.Verdicts:
    """Verdicts, all of them equally sure and without anybody who comes second."""
    count = len(wanted)
    return recognitions.Verdicts(
        face=np.array(list(wanted), np.int64),
        person=np.array([person for person, _ in wanted.values()], np.int64),
        probability=np.full(count, 0.9),
        similarity=np.full(count, 0.8),
        runner_up=np.full(count, -1),
        runner_up_similarity=np.full(count, np.nan),
        runner_up_probability=np.full(count, np.nan),
        named=np.array([named for _, named in wanted.values()], np.bool_),
    )


def told(before: dict, after: dict, changes: LibraryChanges) -> None:
    """Whatever is shown otherwise now must be among what an act says that it touched."""
    for part, old in before.items():
        new = after[part]
        other = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
        assert other <= getattr(changes, part)


def prepare(folder: Path) -> Model:
    """A library with two people, two groups and some verdicts, to begin histories with."""
    history = History(folder, make_library(folder))
    history.run(("name_face", 0, "Anna"))
    history.run(("name_face", 3, "Otto"))
    history.run(("group", [0, 0, 0, 1, 1, -1], [0, None, None], False))
    history.run(("recognize", [None, (1, True), (1, False), None, (0, True), None], None))
    history.library.close()
    return history.model


def run_history(steps: Iterable[tuple], start: Path, model: Model, folder: Path) -> None:
    """Run `steps` on a copy of the library in `start`."""
    folder.mkdir(exist_ok=True)
    shutil.copy(start / FILE_NAME, folder)
    history = History(folder, copy.deepcopy(model))
    try:
        for step in steps:
            history.run(step)
    finally:
        history.library.close()


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    folder = tmp_path_factory.mktemp("begun")
    return folder, prepare(folder)


@settings(
    max_examples=30, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=HISTORIES)
def test_any_history_says_what_its_standing_acts_say(begun, tmp_path, steps):
    run_history(steps, *begun, tmp_path / "library")
