"""Names into sidecars beside the photos, or into a folder that mirrors them.

A sidecar is written only where it changes, and is whole at any time: an export that was cut off
goes on when it is started again. What other programs wrote stays (see `media.xmp.merging`); a
sidecar that is damaged is left as it is, and told.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from photoclust.core import reasons
from photoclust.core.errors import UnreadableFileError, UserError
from photoclust.core.language import marked, tr
from photoclust.core.progress import JobControl
from photoclust.core.types import Failure, FileStat
from photoclust.media.files import OriginalFile
from photoclust.media.headers import read_orientation
from photoclust.media.xmp import own
from photoclust.media.xmp.merging import Difference
from photoclust.media.xmp.spans import MAX_BYTES, PacketError
from photoclust.media.xmp.writing import Said, Written, write
from photoclust.services.names_out import OutPhoto, Wanted, is_told_of, out_photos, say
from photoclust.services.names_out_files import make_folders, write_whole
from photoclust.services.names_out_places import Sidecars, is_raw
from photoclust.store import files as file_store
from photoclust.store import outgoing
from photoclust.store import photos as photo_store
from photoclust.store import sidecars as sidecar_store
from photoclust.store.database import Library
from photoclust.store.outgoing import OutFile

STAGE = marked("Writing names")
OURS = own.NAMESPACE.encode()
"""What is in every packet that photoclust wrote."""
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
_OURS = tuple(own.NAMESPACE.encode(wide) for wide in _ENCODINGS)


@dataclass(frozen=True, slots=True)
class Kept:
    """What another program wrote into `path`, and stays there though it is not said here, or is
    overruled.
    """

    path: Path
    difference: Difference


@dataclass(slots=True)
class NamesOut:
    """What an export wrote or, when it was only tried, would write.

    `written` and `unchanged` are sidecars, or photos where names went into these; `regions` are
    faces in them, of `people` (names), `unnamed` of them without a name. `offline` files are not
    there now. `for_raw` of the sidecars are of camera raw files, the only ones that Lightroom
    reads. `kept` is what other programs wrote and stays, `overruled` what they wrote and does not.
    """

    written: int = 0
    unchanged: int = 0
    regions: int = 0
    unnamed: int = 0
    people: set[str] = field(default_factory=set)
    offline: int = 0
    for_raw: int = 0
    failed: list[Failure] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    overruled: list[Kept] = field(default_factory=list)

    def count(self, said: Said, changed: bool) -> None:
        """Count one file of which this is `said`."""
        self.written += changed
        self.unchanged += not changed
        self.regions += len(said.regions)
        self.unnamed += sum(not wish.name for wish in said.regions)
        self.people.update(said.names)


def export_sidecars(
    library: Library,
    wanted: Wanted,
    *,
    into: Path | None = None,
    dry_run: bool = False,
    control: JobControl | None = None,
) -> NamesOut:
    """Write what is decided about faces into sidecars, or only tell what would be written.

    Raises UserError when `into` cannot be a folder; what goes wrong with one photo is in the
    report. What is written when it is cancelled stays.
    """
    if into is not None:
        if into.exists() and not into.is_dir():
            raise UserError(tr("{path} is a file; choose a folder", path=into))
        into = into.absolute()
    with library.read() as tx:
        sidecars = Sidecars(into, file_store.folders(tx))
        people = outgoing.people(tx)
    ours: list[FileStat] = []
    spoken = None
    if wanted.people is not None:
        spoken = [people[each].uid for each in wanted.people if each in people]

    def export(out: OutPhoto, file: OutFile, report: NamesOut) -> None:
        sidecar = sidecars.of(file.path)
        before = read_sidecar(sidecar)
        nothing = say(out, people, wanted, 1, file.path).is_nothing
        if nothing and not _is_of(before, spoken):
            return
        said = say(out, people, wanted, stored_orientation(file), file.path)
        written = merged(before, said, sidecar)
        changed = written.data != before
        if changed and not dry_run:
            is_known = not before or _is_read(library, sidecar)
            make_folders(sidecar.parent)
            write_whole(sidecar, written.data)
            if is_known:
                ours.append(_stat_of(sidecar))
        report.count(said, changed)
        report.for_raw += changed and is_raw(file.path)
        report.kept += [Kept(sidecar, difference) for difference in written.differences]
        report.overruled += [Kept(sidecar, difference) for difference in written.overruled]

    try:
        return for_each_file(library, export, lambda out: is_told_of(out, people, wanted), control)
    finally:
        # Where the library cannot be written, the next scan reads them, and finds nothing new.
        if ours and library.read_only is None:
            with library.write() as tx:
                sidecar_store.note(tx, ours)


def for_each_file(
    library: Library,
    export: Callable[[OutPhoto, OutFile, NamesOut], None],
    is_told: Callable[[OutPhoto], bool],
    control: JobControl | None,
) -> NamesOut:
    """Let `export` treat every file that is there, of all photos; gives the report that it adds to.

    Of a photo that `is_told` of, files that are not there are counted.
    """
    control = control or JobControl()
    with library.read() as tx:
        photos = photo_store.photo_ids(tx)
    report = NamesOut()
    for done, out in enumerate(out_photos(library, photos, with_along=True)):
        control.report(STAGE, done, len(photos))
        for file in out.files:
            control.checkpoint()
            if not file.here:
                report.offline += is_told(out)
                continue
            try:
                export(out, file, report)
            except UnreadableFileError as error:
                report.failed.append(Failure(file.path, reasons.said(error.reason)))
            except UserError as error:
                report.failed.append(Failure(file.path, str(error)))
    control.report(STAGE, len(photos), len(photos))
    return report


def _is_of(packet: bytes, uids: Collection[str] | None) -> bool:
    """Whether photoclust wrote something into `packet`: of people with these `uids`, where they are
    given.
    """
    if not any(each in packet for each in _OURS):
        return False
    return uids is None or any(uid.encode(wide) in packet for uid in uids for wide in _ENCODINGS)


def _is_read(library: Library, sidecar: Path) -> bool:
    """Whether a scan knows what is in a sidecar as it is."""
    with library.read() as tx:
        return not sidecar_store.changed(tx, [_stat_of(sidecar)])


def _stat_of(path: Path) -> FileStat:
    status = path.stat()
    return FileStat(path, status.st_size, status.st_mtime_ns)


def read_sidecar(sidecar: Path) -> bytes:
    """What a sidecar holds, nothing where there is none. Raises UserError, a clause, where it
    cannot be read.
    """
    try:
        with sidecar.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise UserError(
            tr("its sidecar {path} cannot be read ({reason})", path=sidecar, reason=error.strerror)
        ) from error


def stored_orientation(file: OutFile) -> int:
    """How the picture in a file is stored. Raises UserError where that is not what was scanned."""
    with OriginalFile(file.path, head_only=True) as original:
        if (original.stat.size, original.stat.mtime_ns) != (file.size, file.mtime_ns):
            raise UserError(tr("it changed since the last scan; scan again first"))
        return read_orientation(original)


def merged(before: bytes, said: Said, path: Path) -> Written:
    """`write`, with the name of the sidecar in what it complains of."""
    try:
        return write(before, said)
    except PacketError as error:
        raise UserError(
            tr("its sidecar {path} is left as it is: {reason}", path=path, reason=error)
        ) from error


def lightroom_hint(report: NamesOut) -> str:
    """What Lightroom will not read of what was written; empty where it reads all."""
    left = report.written - report.for_raw
    if left == 0:
        return ""
    return tr(
        "Lightroom reads sidecars of camera raw files only; for JPEG, HEIC, TIFF, PNG and DNG it "
        "needs the names in the files themselves (--write-into-files)."
    )
