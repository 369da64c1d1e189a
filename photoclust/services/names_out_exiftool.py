"""Names into the photos themselves, by ExifTool and only where that was asked for.

Never is a picture encoded anew: of a copy only the XMP packet is another. The copy takes the place
of the photo when the packet was read back from it and its pixels are the same as before; the packet
that it had is kept in the library's folder. Camera raw files are never written.
"""

import json
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from photoclust.core.errors import UserError
from photoclust.core.language import tr
from photoclust.core.pages import PARTED_EXTENSIONS, is_part
from photoclust.core.paths import METADATA, make_private_folder, private
from photoclust.core.progress import JobControl
from photoclust.core.types import PhotoId
from photoclust.media.decode import read_picture
from photoclust.media.files import OriginalFile
from photoclust.media.xmp.spans import PacketError
from photoclust.media.xmp.writing import Said, Written, write
from photoclust.services.exiftool import ExifTool
from photoclust.services.names_out import OutPhoto, Wanted, is_told_of, say
from photoclust.services.names_out_places import is_raw
from photoclust.services.names_out_xmp import (
    OURS,
    Kept,
    NamesOut,
    for_each_file,
    stored_orientation,
)
from photoclust.store import files as file_store
from photoclust.store import outgoing
from photoclust.store.database import Library
from photoclust.store.outgoing import OutFile

INDEX = "index.jsonl"
"""One line for each photo that was written: its path, when, and the file with its old packet."""


def write_into_files(
    library: Library,
    wanted: Wanted,
    *,
    dry_run: bool = False,
    control: JobControl | None = None,
) -> NamesOut:
    """Write what is decided about faces into the photos, or only tell into which.

    Raises UserError without exiftool, and where the library cannot be written: it must know the
    photos again. What goes wrong with one photo is in the report.
    """
    if not dry_run:
        library.require_writable()
    with library.read() as tx:
        people = outgoing.people(tx)

    def is_told(out: OutPhoto) -> bool:
        return is_told_of(out, people, wanted)

    with ExifTool() as tool:

        def export(out: OutPhoto, file: OutFile, report: NamesOut) -> None:
            if is_raw(file.path):
                if is_told(out):
                    raise UserError(
                        tr("nothing is written into camera raw files; export sidecars for them")
                    )
                return
            if is_part(file.path):
                if is_told(out):
                    raise UserError(
                        tr(
                            "a file can hold the faces of its first picture only, beside the "
                            "names of all; export sidecars for the others"
                        )
                    )
                return
            path = Path(os.path.realpath(file.path))
            before = tool.read_xmp(path)
            nothing = say(out, people, wanted, 1, file.path).is_nothing
            if nothing and OURS not in before:
                return
            said = say(out, people, wanted, stored_orientation(file), file.path)
            written = _written(before, said)
            changed = written.data != before
            if changed and not dry_run:
                place = _Place(library, tool, path, before)
                place.write(written, said)
                # Of one with pages, the next scan finds that their pictures are the same.
                if path.suffix.lower() not in PARTED_EXTENSIONS:
                    _know_again(library, out.photo.id, file)
            report.count(said, changed)
            report.kept += [Kept(file.path, difference) for difference in written.differences]
            report.overruled += [Kept(file.path, difference) for difference in written.overruled]

        return for_each_file(library, export, is_told, control)


def _written(before: bytes, said: Said) -> Written:
    if b"HasExtendedXMP" in before:
        raise UserError(tr("its XMP data is in several parts; export a sidecar instead"))
    try:
        return write(before, said)
    except PacketError as error:
        raise UserError(tr("its XMP data is left as it is: {reason}", reason=error)) from error


@dataclass(frozen=True, slots=True)
class _Place:
    """A photo into which is written; `before` is the packet that it has."""

    library: Library
    tool: ExifTool
    photo: Path
    before: bytes

    def write(self, written: Written, said: Said) -> None:
        photo = self.photo
        # Scans pass over what begins like this.
        copy = photo.with_name(f"._{photo.stem}.photoclust{photo.suffix}")
        try:
            copy.unlink(missing_ok=True)
            status = photo.stat()
            with tempfile.TemporaryDirectory() as folder:
                # The ending tells exiftool the format. It never writes into the user's folders.
                packet, made = Path(folder) / "new.xmp", Path(folder) / f"new{photo.suffix}"
                packet.write_bytes(written.data)
                self.tool.write_xmp(photo, packet, made)
                _copy(made, copy)
            self._check(copy, written, said)
            self._keep()
            copy.chmod(stat.S_IMODE(status.st_mode))
            os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns))
            now = photo.stat()
            if (now.st_size, now.st_mtime_ns) != (status.st_size, status.st_mtime_ns):
                raise UserError(tr("it changed meanwhile; scan again first"))
            copy.replace(photo)
        except OSError as error:
            raise UserError(tr("it cannot be written ({reason})", reason=error.strerror)) from error
        finally:
            with suppress(OSError):
                copy.unlink(missing_ok=True)

    def _check(self, copy: Path, written: Written, said: Said) -> None:
        """Raise UserError unless the copy says what it should and shows what the photo shows."""
        there = self.tool.read_xmp(copy)
        if write(there, said) != Written(there, written.differences):
            raise UserError(tr("what was written could not be read back; the photo is as it was"))
        if read_picture(copy).digest() != read_picture(self.photo).digest():
            raise UserError(tr("the picture would have changed; the photo is as it was"))

    def _keep(self) -> None:
        """Keep the packet that the photo had, and write down whose it was."""
        folder = make_private_folder(self.library.folder / METADATA)
        at = datetime.now(UTC)
        name = None
        if self.before:
            prefix = f"{at:%Y%m%d-%H%M%S}-"
            handle, path = tempfile.mkstemp(dir=folder, prefix=prefix, suffix=".xmp")
            name = Path(path).name
            with os.fdopen(handle, "wb") as file:
                file.write(self.before)
                file.flush()
                os.fsync(file.fileno())
        line = {
            "photo": os.fsencode(self.photo).decode("utf-8", "backslashreplace"),
            "at": at.isoformat(timespec="seconds"),
            "packet": name,
        }
        with open(folder / INDEX, "a", encoding="utf-8", opener=private) as index:
            index.write(json.dumps(line, ensure_ascii=False) + "\n")


def _copy(source: Path, target: Path) -> None:
    with (
        source.open("rb") as original,
        open(target, "xb", opener=private) as copy,
    ):
        shutil.copyfileobj(original, copy)
        copy.flush()
        os.fsync(copy.fileno())


def _know_again(library: Library, photo: PhotoId, file: OutFile) -> None:
    """Let the library know the file by its new content, so that no scan reads it again."""
    with OriginalFile(file.path) as original:
        digest = original.content_hash()
    with library.write() as tx:
        file_store.write_file(tx, original.stat, photo, digest, file.picture_hash)
