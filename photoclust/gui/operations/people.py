"""What the user does to people, groups and their faces, and what their pages read. As in
`gui.library`, what is needed is imported when it is called.
"""

# ruff: noqa: PLC0415 - see above

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from photoclust.core.dates import parse_birthday
from photoclust.core.forms import Shots
from photoclust.core.progress import JobControl
from photoclust.core.settings import Settings
from photoclust.core.types import FaceId, Group, LibraryChanges, PersonId, PhotoId
from photoclust.gui import people_text
from photoclust.gui.library import OpenLibrary
from photoclust.gui.operations import acts
from photoclust.gui.operations.acts import Acted

if TYPE_CHECKING:
    from photoclust.services.portraits import Companion, Portrayal
    from photoclust.store.database import Library
    from photoclust.store.together import Span


@dataclass(frozen=True, slots=True)
class Became(Acted):
    """An act by which some became the person or group with the `key`."""

    key: str = ""


def spans(library: OpenLibrary) -> dict[str, Span]:
    """When everybody was seen first and last."""
    from photoclust.services import browse

    return browse.spans(library.opened)


def portrayal(library: OpenLibrary, key: str) -> Portrayal:
    """The faces and photos of a person or group."""
    from photoclust.services import portraits

    return portraits.portrayal(library.opened, key)


def companions(library: OpenLibrary, person: PersonId) -> list[Companion]:
    """Who is seen with a person."""
    from photoclust.services import portraits

    return portraits.companions(library.opened, person)


def photos_with_both(library: OpenLibrary, one: PersonId, other: PersonId) -> Shots:
    """The photos that both are in."""
    from photoclust.services import portraits

    return portraits.photos_with_both(library.opened, one, other)


def out_of_place(
    library: OpenLibrary, person: PersonId, settings: Settings, control: JobControl
) -> list[FaceId]:
    """The confirmed faces of a person that look like a slip; in the lane of recognition."""
    from photoclust.services import doubting

    recognizer = library.recognizer(settings)
    return doubting.of_person(recognizer, library.opened, person, control=control)


def hide(library: OpenLibrary, groups: Sequence[Group], *, hidden: bool) -> Acted:
    """Hide people and groups, or show people again."""
    from photoclust.services import deciding

    keys = [group.key for group in groups]
    told = people_text.hidden(groups) if hidden else people_text.shown_again(groups)
    kind = "hide" if hidden else "show"
    return acts.do(library, kind, lambda one: deciding.hide(one, keys, hidden=hidden), told)


def hide_faces(library: OpenLibrary, faces: Sequence[FaceId]) -> Acted:
    """Hide faces that belong to nobody."""
    from photoclust.services import deciding

    keys = _keys(faces)
    told = people_text.hidden_faces(len(faces))
    return acts.do(library, "hide", lambda one: deciding.hide(one, keys), told)


def hide_small_groups(library: OpenLibrary, fewer_than: int) -> Acted:
    """Hide every group without a name in fewer photos."""
    from photoclust.services import deciding

    number = 0

    def hide_them(opened: Library) -> LibraryChanges:
        nonlocal number
        number, changes = deciding.hide_small_groups(opened, fewer_than)
        return changes

    acted = acts.do(library, "hide", hide_them, "")
    return replace(acted, told=people_text.hidden_groups(number))


def merge(library: OpenLibrary, sources: Sequence[str], target: str) -> Became:
    """Make `sources` part of `target`, as one act."""
    from photoclust.services import deciding

    named = deciding.merge_all(library.opened, sources, target)
    told = people_text.merged(len(sources) + 1, named.name)
    return Became(named.changes, told, named.entry, key=f"p{named.person}")


def reject(library: OpenLibrary, faces: Sequence[FaceId], person: str, name: str) -> Acted:
    """Say that faces are not the person they are shown as."""
    from photoclust.services import deciding

    keys = _keys(faces)
    told = people_text.not_them(len(faces), name)
    return acts.do(library, "reject", lambda one: deciding.reject(one, keys, person), told)


def exclude(library: OpenLibrary, faces: Sequence[FaceId]) -> Acted:
    """Say that faces are none."""
    from photoclust.services import deciding

    keys = _keys(faces)
    told = people_text.no_faces(len(faces))
    return acts.do(library, "not a face", lambda one: deciding.exclude(one, keys), told)


def split(library: OpenLibrary, faces: Sequence[FaceId]) -> Acted:
    """Make faces a group of their own."""
    from photoclust.services import deciding

    named = deciding.split(library.opened, _keys(faces))
    return Acted(named.changes, people_text.split_off(len(faces)), named.entry)


def choose_cover(library: OpenLibrary, face: FaceId, name: str) -> Acted:
    """Let a face stand for its person."""
    from photoclust.services import describing

    told = people_text.is_cover(name)
    return acts.do(library, "cover", lambda one: describing.choose_cover(one, f"f{face}"), told)


def untag(library: OpenLibrary, photos: Sequence[PhotoId], person: str, name: str) -> Acted:
    """Say that a person is not in photos after all in which they have no face."""
    from photoclust.services import describing

    told = people_text.not_there(len(photos), name)
    return acts.do(
        library, "untag", lambda one: describing.tag(one, person, photos, present=False), told
    )


def add_alias(library: OpenLibrary, person: str, alias: str) -> Acted:
    """Give a person another name besides."""
    from photoclust.services import describing

    told = people_text.also_called(alias)
    return acts.do(library, "alias", lambda one: describing.add_alias(one, person, alias), told)


def remove_alias(library: OpenLibrary, person: str, alias: str) -> Acted:
    """Take another name away."""
    from photoclust.services import describing

    told = people_text.not_called(alias)
    return acts.do(
        library, "no alias", lambda one: describing.remove_alias(one, person, alias), told
    )


def set_birthday(library: OpenLibrary, person: str, words: str) -> Acted:
    """Say when a person was born, as the user wrote it; nothing: nobody knows.

    Raises UserError for what is no birthday.
    """
    from photoclust.services import describing

    born = parse_birthday(words) if words.strip() else None
    told = people_text.birthday(born)
    return acts.do(
        library, "birthday", lambda one: describing.set_birthday(one, person, born), told
    )


def _keys(faces: Sequence[FaceId]) -> list[str]:
    return [f"f{face}" for face in faces]
