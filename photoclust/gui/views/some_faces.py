"""Some of the faces or photos of a person alone: those that look out of place, or those with
somebody else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from photoclust.core.forms import Shots
from photoclust.core.language import tr
from photoclust.core.types import FaceId, Group, GroupKind, PersonId
from photoclust.gui import people_text, text
from photoclust.gui.operations import people as operations
from photoclust.gui.shared import Shared
from photoclust.gui.tasks import Job, Lane
from photoclust.gui.views.filter_note import FilterNote
from photoclust.gui.views.person_tools import PersonTools
from photoclust.gui.views.portraits import Portraits

if TYPE_CHECKING:
    from photoclust.services.portraits import Companion


class SomeFaces(QObject):
    """Lets `portraits` show only some, and tells in its `note` which; from there all come back."""

    found = Signal()
    """Those photos are shown that were asked for."""
    group_wanted = Signal(object)
    """The page of another Group is to be shown."""

    def __init__(self, shared: Shared, portraits: Portraits, tools: PersonTools) -> None:
        super().__init__(portraits)
        self._shared = shared
        self._portraits = portraits
        self._tools = tools
        self._group: Group | None = None
        self._both: Companion | None = None
        self._looking: Job | None = None
        self.note = FilterNote()
        self.note.ended.connect(self.show_all)
        self.note.acted.connect(self._go_to_companion)
        portraits.emptied.connect(self.show_all)

    @property
    def is_on(self) -> bool:
        """Whether only some are shown."""
        return not self.note.isHidden()

    def set_group(self, group: Group | None) -> None:
        """Whose faces they are; what is on its way for somebody else comes to nothing."""
        self._group = group

    def show_all(self) -> None:
        """Show all of them; nothing more is looked for."""
        self._look_no_more()
        self._both = None
        self.note.hide()
        self._portraits.show_only(None)

    def look_for_doubts(self) -> None:
        """Show only the faces that look out of place, as soon as it is known which."""
        library, group = self._shared.library, self._group
        settings = self._shared.settings
        if library is None or group is None or group.kind is not GroupKind.PERSON or self._looking:
            return
        person = PersonId(group.id)
        job = Job(
            tr("Looking at the faces"),
            lambda job: operations.out_of_place(library, person, settings, job.control),
            on_page=True,
        )
        self._looking = job
        self._tools.show_looking(True)

        def show(faces: list[FaceId]) -> None:
            if not self._is_still(group):
                return
            if not faces:
                self._shared.told.emit(tr("No face looks out of place here."))
                return
            self._both = None
            self._tools.faces_button.click()
            self._portraits.show_only(faces, doubted=True)
            self.note.say(people_text.out_of_place(len(faces)))

        def end() -> None:
            self._looking = None
            self._tools.show_looking(False)

        job.succeeded.connect(show)
        job.failed.connect(self._shared.complained)
        job.finished.connect(end)
        self._shared.desk.start(job, Lane.RECOGNITION)

    def show_both(self, companion: Companion) -> None:
        """Show only the photos in which somebody else is, too."""
        group = self._group
        if group is None:
            return
        self._look_no_more()
        number, other = PersonId(group.id), PersonId(companion.person.id)

        def show(found: Shots) -> None:
            if not self._is_still(group):
                return
            self.found.emit()
            self._both = companion
            name = companion.person.name or tr(people_text.NOBODY)
            self._tools.photos_button.click()
            self._portraits.show_only(set(found.spread(found.forms)))
            words = people_text.with_both(len(found.shown), name)
            shown = text.menu_text(text.shortened(name, 24))
            self.note.say(words, tr("Go to {name}", name=shown))

        self._shared.read(lambda library: operations.photos_with_both(library, number, other), show)

    def _is_still(self, group: Group) -> bool:
        return self._group is not None and self._group.key == group.key

    def _look_no_more(self) -> None:
        if self._looking is not None:
            self._looking.cancel()

    def _go_to_companion(self) -> None:
        if self._both is not None:
            self.group_wanted.emit(self._both.person)
