"""What a library has decided, in the words of `decision_files`. Only reads."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from photoclust.core.types import PhotoId
from photoclust.services.decision_files import (
    FaceWords,
    FolderWords,
    NegativeWords,
    PersonWords,
    PhotoWords,
    PresenceWords,
    RepeatWords,
    TurnWords,
    is_folder_name,
)
from photoclust.store import decisions, exchange, journal, same_photo
from photoclust.store import files as file_store
from photoclust.store.chunks import chunks
from photoclust.store.database import Transaction
from photoclust.store.decisions import Register, Subject
from photoclust.store.exchange import KnownFace

_OF_PEOPLE = {Subject.NAME: "name", Subject.HIDDEN: "hidden", Subject.BIRTHDAY: "birthday"}


class Decided:
    """Every decision that stands in a library; those made in it are `author`'s.

    `people` and `photos` count what `tell_photos` has told so far.
    """

    def __init__(self, tx: Transaction, author: str) -> None:
        self._tx = tx
        self._author = author
        self._values = decisions.everything(tx)
        self._authors = journal.authors(tx, self._values)
        # What was said of somebody who has ended since means nothing to others.
        self._uids: dict[int, str] = {
            person.id: person.uid for person in exchange.people(tx) if person.alive
        }
        self._rejected: dict[int, list[int]] = defaultdict(list)
        self._aliases: dict[int, list[Register]] = defaultdict(list)
        self._covered: dict[int, list[int]] = defaultdict(list)
        self._present: dict[int, list[Register]] = defaultdict(list)
        for register, value in self._values.items():
            subject, a, b = register
            if subject is Subject.REJECTION and b in self._uids:
                self._rejected[a].append(b)
            elif subject is Subject.PRESENCE and b in self._uids:
                self._present[a].append(register)
            elif subject is Subject.ALIAS:
                self._aliases[a].append(register)
            elif subject is Subject.COVER and isinstance(value, int) and a in self._uids:
                self._covered[value].append(a)
        self.people = len(self._uids)
        self.photos = 0
        self.faces = 0

    def tell_people(self) -> Iterator[PersonWords]:
        """Everybody, by id."""
        for person, uid in self._uids.items():
            said: dict[str, dict[str, Any]] = defaultdict(dict)
            for subject, key in _OF_PEOPLE.items():
                register = Register(subject, person)
                if register in self._values:
                    value = self._values[register]
                    said[self._by(register)][key] = True if key == "hidden" else value
            for register in self._aliases.get(person, ()):
                words = said[self._by(register)]
                words["aliases"] = (*words.get("aliases", ()), self._values[register])
            if not said:
                said[self._by(Register(Subject.PERSON, person))] = {}
            for author, words in said.items():
                yield PersonWords(uid, author, **words)

    def tell_folders(self) -> Iterator[FolderWords]:
        """The folders whose photos may show one person several times, by the folder of the library
        that they are in; those in none, or whose name is no text, mean nothing to others.
        """
        roots = file_store.folders(self._tx)
        for rule, folder in same_photo.folders(self._tx).items():
            inside = [root for root in roots if root == folder or root in folder.parents]
            for root in inside[:1]:
                names = (root.name, *folder.relative_to(root).parts)
                if all(map(is_folder_name, names)):
                    yield FolderWords(names, self._by(Register(Subject.FOLDER_REPEATS, rule)))

    def tell_photos(self) -> Iterator[PhotoWords]:
        """The photos about which, or about whose faces, something is decided; some at a time."""
        themselves = decisions.photos_of(self._values)
        faces_ = decisions.faces_of(self._values) | self._covered.keys()
        with_faces = exchange.photos_of(self._tx, faces_)
        for part in chunks(sorted({*map(PhotoId, themselves), *with_faces})):
            hashes = exchange.hashes(self._tx, part)
            faces = exchange.faces(self._tx, part)
            for photo in part:
                told = [list(self._tell_face(face)) for face in faces[photo]]
                date = Register(Subject.DATE, photo)
                if not any(told) and photo not in themselves:
                    continue
                self.photos += 1
                self.faces += sum(map(bool, told))
                when = self._values.get(date)
                yield PhotoWords(
                    hashes=hashes[photo].files,
                    pictures=hashes[photo].pictures,
                    faces=tuple(words for face in told for words in face),
                    date=None if when is None else str(when),
                    author=self._by(date),
                    repeats=self._tell_repeats(photo),
                    turn=self._tell_turn(photo),
                    negative=self._tell_negative(photo),
                    people=tuple(
                        PresenceWords(self._uids[register.b], self._by(register))
                        for register in self._present.get(photo, ())
                    ),
                )

    def _tell_repeats(self, photo: PhotoId) -> RepeatWords | None:
        register = Register(Subject.REPEATS, photo)
        if register not in self._values:
            return None
        return RepeatWords(bool(self._values[register]), self._by(register))

    def _tell_turn(self, photo: PhotoId) -> TurnWords | None:
        register = Register(Subject.VIEW, photo)
        value = self._values.get(register)
        return TurnWords(value, self._by(register)) if isinstance(value, int) else None

    def _tell_negative(self, photo: PhotoId) -> NegativeWords | None:
        register = Register(Subject.NEGATIVE, photo)
        value = self._values.get(register)
        return None if value is None else NegativeWords(bool(value), self._by(register))

    def _tell_face(self, face: KnownFace) -> Iterator[FaceWords]:
        said: dict[str, dict[str, Any]] = defaultdict(dict)
        identity = Register(Subject.IDENTITY, face.id)
        person = self._values.get(identity)
        if isinstance(person, int) and person in self._uids:
            said[self._by(identity)]["person"] = self._uids[person]
        for other in self._rejected.get(face.id, ()):
            words = said[self._by(Register(Subject.REJECTION, face.id, other))]
            words["rejected"] = (*words.get("rejected", ()), self._uids[other])
        for covered in self._covered.get(face.id, ()):
            words = said[self._by(Register(Subject.COVER, covered))]
            words["covers"] = (*words.get("covers", ()), self._uids[covered])
        excluded = Register(Subject.EXCLUDED, face.id)
        if excluded in self._values:
            said[self._by(excluded)]["excluded"] = bool(self._values[excluded])
        elif face.drawn:
            # What was drawn by hand would otherwise be taken for a face.
            for words in said.values():
                words["excluded"] = True
        for author, words in said.items():
            yield FaceWords(face.box, author, drawn=face.drawn, **words)

    def _by(self, register: Register) -> str:
        return self._authors.get(register) or self._author
