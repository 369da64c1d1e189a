"""Reading files of decisions, the format of which `decision_files` describes.

Anybody may have written such a file: every value is looked at before it is believed.
"""

import json
import re
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from photoclust.core.errors import UserError
from photoclust.core.types import Box
from photoclust.services.decision_files import (
    BOX_DIGITS,
    FORMAT,
    UNKNOWN_AUTHOR,
    VERSION,
    DecisionFileError,
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
from photoclust.services.kept_dates import is_birthday, is_date
from photoclust.store.names import MAX_NAME_LENGTH, clean_name

MAX_BYTES = 256 * 2**20
"""A larger file is refused unread: a million decided faces take less."""
_SLACK = 2 * 10**-BOX_DIGITS
"""By how much the edge of a box may lie outside the picture for having been rounded."""
_CONTENT_HASH = re.compile("[0-9a-f]{40}")
_PICTURE_HASH = re.compile("[0-9a-f]{32}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class DecisionFile:
    """A file of decisions, read as what it is: text that anybody may have written.

    Raises DecisionFileError, here and while `photos` is gone through, for a file that cannot be
    read, is no file of decisions, is of a newer version, or says what no photoclust would write.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._authors: dict[str, str] = {}
        document = self._document()
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise DecisionFileError(
                f"{path} is no file of decisions; give one that photoclust decisions export wrote"
            )
        version = document.get("version")
        if type(version) is int and version > VERSION:
            raise DecisionFileError(
                f"{path} was written by a newer photoclust; update photoclust to read it"
            )
        if type(version) is not int or version != VERSION:
            self._refuse("its version", f"is not {VERSION}")
        for key in ("people", "photos"):
            if key not in document:
                self._refuse(key, "is missing")
        raw = self._list(document, "people", "")
        self.people = tuple(self._person(item, f"people[{i}]") for i, item in enumerate(raw))
        self._uids = {person.uid for person in self.people}
        raw = self._list(document, "folders", "")
        self.folders = tuple(self._folder(item, f"folders[{i}]") for i, item in enumerate(raw))
        self._photos = self._list(document, "photos", "")

    def photos(self) -> Iterator[PhotoWords]:
        """What it says of each photo."""
        for index, item in enumerate(self._photos):
            where = f"photos[{index}]"
            photo = self._object(item, where)
            faces = self._list(photo, "faces", f"{where}.")
            yield PhotoWords(
                hashes=self._hashes(photo, "hashes", _CONTENT_HASH, where),
                pictures=self._hashes(photo, "pictures", _PICTURE_HASH, where),
                faces=tuple(
                    self._face(face, f"{where}.faces[{i}]") for i, face in enumerate(faces)
                ),
                date=self._date(photo.get("date"), f"{where}.date"),
                author=self._author(photo, where),
                repeats=self._repeats(photo.get("repeats"), f"{where}.repeats"),
                turn=self._turn(photo.get("turn"), f"{where}.turn"),
                negative=self._negative(photo.get("negative"), f"{where}.negative"),
                people=tuple(
                    self._presence(present, f"{where}.people[{i}]")
                    for i, present in enumerate(self._list(photo, "people", f"{where}."))
                ),
            )

    def _document(self) -> Any:
        try:
            with self.path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise DecisionFileError(
                f"{self.path} cannot be read ({error.strerror}); check the path and its permissions"
            ) from error
        if len(data) > MAX_BYTES:
            raise DecisionFileError(
                f"{self.path} is larger than {MAX_BYTES // 2**20} MB and no file of decisions; "
                "give one that photoclust decisions export wrote"
            )
        try:
            return json.loads(data.decode("utf-8-sig"), parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise DecisionFileError(
                f"{self.path} is no file of decisions or not all of one; export it again"
            ) from error

    def _person(self, item: Any, where: str) -> PersonWords:
        person = self._object(item, where)
        name = person.get("name")
        return PersonWords(
            uid=self._uid(person.get("uid"), f"{where}.uid"),
            author=self._author(person, where),
            name=None if name is None else self._name(name, f"{where}.name"),
            hidden=self._bool(person, "hidden", where) or False,
            aliases=tuple(
                self._name(alias, f"{where}.aliases")
                for alias in self._list(person, "aliases", f"{where}.")
            ),
            birthday=self._birthday(person.get("birthday"), f"{where}.birthday"),
        )

    def _folder(self, item: Any, where: str) -> FolderWords:
        folder = self._object(item, where)
        names = self._list(folder, "path", f"{where}.")
        if not names or not all(isinstance(name, str) and is_folder_name(name) for name in names):
            self._refuse(f"{where}.path", "is no list of names of folders")
        return FolderWords(tuple(names), self._author(folder, where))

    def _repeats(self, item: Any, where: str) -> RepeatWords | None:
        if item is None:
            return None
        said = self._object(item, where)
        allowed = self._bool(said, "allowed", where)
        if allowed is None:
            self._refuse(f"{where}.allowed", "is missing")
        return RepeatWords(allowed, self._author(said, where))

    def _turn(self, item: Any, where: str) -> TurnWords | None:
        if item is None:
            return None
        said = self._object(item, where)
        degrees = said.get("degrees")
        if type(degrees) is not int or degrees not in {90, 180, 270}:
            self._refuse(f"{where}.degrees", "is not 90, 180 or 270")
        return TurnWords(degrees, self._author(said, where))

    def _negative(self, item: Any, where: str) -> NegativeWords | None:
        if item is None:
            return None
        said = self._object(item, where)
        negative = self._bool(said, "is", where)
        if negative is None:
            self._refuse(f"{where}.is", "is missing")
        return NegativeWords(negative, self._author(said, where))

    def _presence(self, item: Any, where: str) -> PresenceWords:
        said = self._object(item, where)
        person = self._listed(said.get("person"), f"{where}.person")
        return PresenceWords(person, self._author(said, where))

    def _face(self, item: Any, where: str) -> FaceWords:
        face = self._object(item, where)
        drawn = self._bool(face, "drawn", where) or False
        person = face.get("person")
        return FaceWords(
            box=self._box(face.get("box"), drawn, f"{where}.box"),
            author=self._author(face, where),
            person=None if person is None else self._listed(person, f"{where}.person"),
            rejected=tuple(
                self._listed(uid, f"{where}.not") for uid in self._list(face, "not", f"{where}.")
            ),
            excluded=self._bool(face, "excluded", where),
            drawn=drawn,
            covers=tuple(
                self._listed(uid, f"{where}.covers")
                for uid in self._list(face, "covers", f"{where}.")
            ),
        )

    def _refuse(self, where: str, what: str) -> NoReturn:
        # The value itself is not told: it may be a megabyte long or steer a terminal.
        raise DecisionFileError(f"{self.path} cannot be used: {where} {what}; export it again")

    def _object(self, value: Any, where: str) -> dict[str, Any]:
        return value if isinstance(value, dict) else self._refuse(where, "is no object")

    def _list(self, item: dict[str, Any], key: str, where: str) -> list[Any]:
        value = item.get(key)
        if value is None:
            return []
        return value if isinstance(value, list) else self._refuse(f"{where}{key}", "is no list")

    def _bool(self, item: dict[str, Any], key: str, where: str) -> bool | None:
        value = item.get(key)
        if value is None or isinstance(value, bool):
            return value
        return self._refuse(f"{where}.{key}", "is neither true nor false")

    def _hashes(
        self, item: dict[str, Any], key: str, form: re.Pattern[str], where: str
    ) -> tuple[str, ...]:
        values = self._list(item, key, f"{where}.")
        if not all(isinstance(value, str) and form.fullmatch(value) for value in values):
            self._refuse(f"{where}.{key}", "holds something that is no hash")
        return tuple(values)

    def _uid(self, value: Any, where: str) -> str:
        try:
            return str(uuid.UUID(value))
        except (ValueError, TypeError, AttributeError):
            self._refuse(where, "is no UUID")

    def _listed(self, value: Any, where: str) -> str:
        uid = value if isinstance(value, str) and value in self._uids else self._uid(value, where)
        return uid if uid in self._uids else self._refuse(where, "is nobody in its list of people")

    def _name(self, value: Any, where: str) -> str:
        if not isinstance(value, str):
            self._refuse(where, "is no text")
        if _CONTROLS.search(value):
            self._refuse(where, "holds characters that no name has")
        # To clean a name of megabytes would take minutes.
        if len(value) <= 2 * MAX_NAME_LENGTH:
            with suppress(UserError):
                return clean_name(value)
        return self._refuse(where, "is empty or too long for a name")

    def _author(self, item: dict[str, Any], where: str) -> str:
        author = item.get("author")
        if author is None:
            return UNKNOWN_AUTHOR
        if not isinstance(author, str) or author not in self._authors:
            self._authors[author] = self._name(author, f"{where}.author")
        return self._authors[author]

    def _date(self, value: Any, where: str) -> str | None:
        if value is None or (isinstance(value, str) and is_date(value)):
            return value
        return self._refuse(where, "is no date")

    def _birthday(self, value: Any, where: str) -> str | None:
        if value is None or (isinstance(value, str) and is_birthday(value)):
            return value
        return self._refuse(where, "is no birthday")

    def _box(self, value: Any, drawn: bool, where: str) -> Box:
        numbers = value if isinstance(value, list) else []
        plain = all(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers)
        # What is not finite fails every comparison, and a huge integer these.
        if len(numbers) != 4 or not plain or not all(-1 <= n <= 2 for n in numbers):
            self._refuse(where, "is no box of four numbers relative to the picture")
        box = Box(*map(float, numbers))
        if min(box.w, box.h) <= 0:
            self._refuse(where, "is empty")
        inside = min(box.x, box.y) >= -_SLACK and max(box.x + box.w, box.y + box.h) <= 1 + _SLACK
        if drawn and not inside:
            self._refuse(where, "was drawn, but lies outside the picture")
        return box


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
