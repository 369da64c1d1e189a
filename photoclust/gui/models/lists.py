"""The lists of the window: groups, faces, photos."""

from collections.abc import Hashable

from PySide6.QtCore import QObject

from photoclust.core.language import tr
from photoclust.core.types import Face, FaceId, Group, PhotoId
from photoclust.gui import text
from photoclust.gui.models.keyed import KeyedListModel
from photoclust.gui.models.stacks import Stacks


class GroupModel(KeyedListModel[Group]):
    """People and groups without a name, by their key (`p7`, `g31`)."""

    def key(self, item: Group) -> Hashable:
        """`p7` or `g31`."""
        return item.key

    def text(self, item: Group) -> str:
        """The name and the size."""
        return f"{item.name or tr(text.UNNAMED)} {text.group_size(item)}"


class FaceModel(KeyedListModel[Face]):
    """Faces by id."""

    def key(self, item: Face) -> FaceId:
        """The face's id."""
        return item.id

    def text(self, item: Face) -> str:
        """The file it is in."""
        return tr("Face in {path}", path=text.shown_path(item.path))


class PhotoModel(KeyedListModel[PhotoId]):
    """Photos: ids only, everything else is read when a photo is opened."""

    def __init__(self, stacks: Stacks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stacks = stacks

    def key(self, item: PhotoId) -> PhotoId:
        """The id itself."""
        return item

    def text(self, item: PhotoId) -> str:
        """A neutral description, with the stack: the file is read when the photo is opened."""
        return self._stacks.said(tr("Photo {number}", number=item), item)
