"""Opening a library: its folder, its SQLite file, its schema version, and transactions.

Owns connections and nothing else. One process at a time writes a library (see `lock`); within it,
`write` takes SQLite's write lock at its start, so that a transaction never fails half-way for want
of it.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePath
from typing import TYPE_CHECKING
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from photoclust.core.errors import DamagedLibraryError, LibraryError
from photoclust.core.language import marked, tr
from photoclust.core.paths import LIBRARY_FILE, make_library_folder
from photoclust.store import backups
from photoclust.store.lock import WriterLock

if TYPE_CHECKING:
    from alembic.config import Config

FILE_NAME = LIBRARY_FILE
SCHEMA_VERSION = "0010"
PAGE_SIZE = 8192
BUSY_TIMEOUT_MS = 10_000
SHARED_BUSY_TIMEOUT_MS = 1_000
"""Who holds a file for itself holds it until the end; waiting long for that helps nobody."""
CACHE_KIB = 16_384
"""Pages kept by a connection: what naming a thousand faces changes, so that none is written twice
before the transaction is.
"""
CHECKPOINT_PAGES = 16_000
"""Length of the write-ahead log (128 MB) at which it is taken over, so that few acts wait for that;
closing the library takes it over as well.
"""
_POOL_TIMEOUT_S = 60

Transaction = Connection
"""What the other modules of the store work on; made by `Library.read` and `Library.write`."""


class Library:
    """An open library. Close it, or use it as a context manager.

    `read_only` tells in a clause why nothing can be written, None where it can.
    """

    def __init__(
        self,
        folder: Path,
        *,
        look_only: bool = False,
        shared_disk: bool = False,
        deputy: bool = False,
    ) -> None:
        """Open the library in `folder`, creating or upgrading it where needed.

        Where somebody else has it open for writing, where its medium cannot be written, and with
        `look_only`, it is opened for reading. `shared_disk` says that it lies where SQLite's shared
        memory does not work (network shares, FAT): one connection then holds the file for itself.
        A `deputy` writes without a lock of its own: only for a process that ends with the one that
        started it, which holds the lock.

        Raises LibraryError when the folder cannot be used, the file is no library, or it comes
        from a newer photoclust; DamagedLibraryError when the file is damaged.
        """
        self.folder = make_library_folder(folder)
        self.path = self.folder / FILE_NAME
        self.read_only: str | None = None
        self.shared_disk = shared_disk
        self._opened = ExitStack()
        with self._opened as opening, _as_library_error(self.path):
            if look_only:
                self.read_only = tr("it was opened to be looked at only")
            elif not deputy:
                lock = opening.enter_context(WriterLock(self.folder))
                self.read_only = lock.refused
            self._engine = self._connect(shared_disk)
            opening.callback(self._engine.dispose)
            self._migrate()
            self._opened = opening.pop_all()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A consistent view of the library; writes in it are a bug and fail."""
        with _as_library_error(self.path), self._engine.connect() as connection:
            try:
                connection.exec_driver_sql("PRAGMA query_only = 1")
                connection.exec_driver_sql("BEGIN")
                yield connection
            finally:
                connection.rollback()
                connection.exec_driver_sql("PRAGMA query_only = 0")

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """One transaction: all of it or, after an exception, nothing of it.

        Raises LibraryError where the library is read-only.
        """
        self.require_writable()
        with _as_library_error(self.path), self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def require_writable(self) -> None:
        """Raise LibraryError with the reason where the library is read-only."""
        if self.read_only is not None:
            raise LibraryError(
                tr(
                    "the library {folder} cannot be changed: {reason}",
                    folder=self.folder,
                    reason=self.read_only,
                )
            )

    def show_moved(self, old: PurePath, new: Path) -> None:
        """Let the paths below `old` be read as lying below `new`, in a library that cannot be
        written.
        """
        from photoclust.store import moved_paths  # noqa: PLC0415 - hardly a library needs it

        @event.listens_for(self._engine, "connect")
        def shadow(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
            moved_paths.shadow(connection, old, new)

        self._engine.dispose()

    def run_outside(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """Let `work` use a connection that is in no transaction, for copies and VACUUM."""
        with _as_library_error(self.path), self._engine.connect() as connection:
            work(driver_connection(connection))

    def close(self) -> None:
        """Give the file back; the library object is of no use after it."""
        self._opened.close()

    def __enter__(self) -> "Library":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connect(self, shared_disk: bool) -> Engine:
        if self.read_only is None:
            if not self.path.exists():
                # Owner-only from the first byte; SQLite gives its side files the same mode.
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            return _engine(self.path, "rw", shared_disk=shared_disk)
        if not self.path.exists():
            raise self._nothing_there()
        # Without a write-ahead log of changes SQLite need not write anything to read the file.
        whole = not self.path.with_name(f"{FILE_NAME}-wal").exists()
        fixed = whole and not os.access(self.folder, os.W_OK)
        return _engine(self.path, "ro", shared_disk=shared_disk, immutable=fixed)

    def _migrate(self) -> None:
        version = self._version()
        if version == SCHEMA_VERSION:
            return
        if version is not None and version > SCHEMA_VERSION:
            raise LibraryError(
                tr(
                    "the library {folder} was made by a newer photoclust; update photoclust to "
                    "open it",
                    folder=self.folder,
                )
            )
        if self.read_only is not None:
            if version is None:
                raise self._nothing_there()
            raise LibraryError(
                tr(
                    "the library {folder} was made by an older photoclust and must be upgraded, "
                    "which cannot be done now: {reason}",
                    folder=self.folder,
                    reason=self.read_only,
                )
            )
        if version is None:
            with self.write() as connection:
                _create(connection)
            return
        self.run_outside(
            lambda connection: backups.keep(connection, self.folder, f"schema-{version}")
        )
        # Imported here: alembic takes longer to load than an up-to-date library to open.
        from alembic import command  # noqa: PLC0415

        config = _steps()
        with _as_library_error(self.path), self._engine.connect() as connection:
            # Tables are rebuilt, which must not look like deleting what refers to them; the
            # pragma has no effect within a transaction.
            connection.exec_driver_sql("PRAGMA foreign_keys = 0")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                _require_whole(connection, self.folder)
            except BaseException:
                connection.rollback()
                raise
            connection.commit()
            connection.exec_driver_sql("PRAGMA foreign_keys = 1")

    def _nothing_there(self) -> LibraryError:
        return LibraryError(
            tr(
                "there is no library in {folder} and none can be made: {reason}",
                folder=self.folder,
                reason=self.read_only,
            )
        )

    def _version(self) -> str | None:
        with self._engine.connect() as connection:
            names = text("SELECT name FROM sqlite_master WHERE type = 'table'")
            tables = set(connection.execute(names).scalars())
            if not tables:
                return None
            if "alembic_version" in tables:
                query = text("SELECT version_num FROM alembic_version")
                version: str | None = connection.execute(query).scalar()
                if version is not None and version.isdecimal():
                    return version
        raise LibraryError(
            tr("{path} is not a photoclust library; choose another folder", path=self.path)
        )


def upgrades_to() -> str | None:
    """The version of the schema that the steps of an upgrade lead to; loads what an upgrade needs.

    It is SCHEMA_VERSION, or the installation lacks a step.
    """
    from alembic import command  # noqa: F401, PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    return ScriptDirectory.from_config(_steps()).get_current_head()


def _steps() -> "Config":
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    scripts = str(Path(__file__).parent / "migrations").replace("%", "%%")
    config.set_main_option("script_location", scripts)
    return config


def _create(connection: Connection) -> None:
    """The tables of a new library, at once the way that all migrations together make them."""
    from photoclust.store.schema import metadata  # noqa: PLC0415 - it needs none of it when it is old

    metadata.create_all(connection)
    connection.exec_driver_sql(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (SCHEMA_VERSION,))
    connection.execute(metadata.tables["library"].insert())


def _require_whole(connection: Connection, folder: Path) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise DamagedLibraryError(
            tr(
                "the library {folder} cannot be upgraded: {n} of its records refer to something "
                "that is gone; it was left as it is",
                folder=folder,
                n=len(broken),
            )
        )


def driver_connection(connection: Connection) -> sqlite3.Connection:
    """The `sqlite3` connection below; its cursors are several times faster for long results."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise TypeError(f"not a sqlite3 connection: {driver!r}")
    return driver


def _engine(path: Path, mode: str, *, shared_disk: bool = False, immutable: bool = False) -> Engine:
    query = {"uri": "true", "mode": mode} | ({"immutable": "1"} if immutable else {})
    engine = create_engine(
        URL.create("sqlite", database=f"file:{quote(os.fsencode(path))}", query=query),
        poolclass=QueuePool,
        # A file that one connection holds for itself cannot have two.
        **({"pool_size": 1, "max_overflow": 0} if shared_disk else {}),
        pool_timeout=_POOL_TIMEOUT_S,
    )
    timeout = SHARED_BUSY_TIMEOUT_MS if shared_disk else BUSY_TIMEOUT_MS
    pragmas = [
        f"busy_timeout = {timeout}",
        "foreign_keys = 1",
        f"cache_size = -{CACHE_KIB}",
        f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
    ]
    if shared_disk and mode == "rw":
        pragmas.append("locking_mode = EXCLUSIVE")
    if mode == "rw":
        pragmas += [
            f"page_size = {PAGE_SIZE}",
            f"journal_mode = {'DELETE' if shared_disk else 'WAL'}",
            "synchronous = FULL",
        ]

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        # Transactions are begun by `read` and `write`, never by the driver.
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    return engine


_DAMAGE = ("not a database", "malformed")
_ADVICE = {
    "locked": marked("another photoclust is writing to it; wait until it is done"),
    "full": marked("the disk is full; make room and try again"),
    "readonly": marked("it cannot be written; check the permissions of the folder"),
    "unable to open": marked("it cannot be written; check the permissions of the folder"),
    "disk I/O error": marked(
        "its disk cannot be read or written, or is not there any more; check the drive and open "
        "the library again"
    ),
}
"""What to do, by what SQLite says."""


@contextmanager
def _as_library_error(path: Path) -> Iterator[None]:
    """SQLite's complaints in words that say what to do."""
    try:
        yield
    except (DatabaseError, sqlite3.DatabaseError) as error:
        reason = str(error.orig if isinstance(error, DatabaseError) else error)
        if any(words in reason for words in _DAMAGE):
            raise DamagedLibraryError(
                _damaged(path, reason, backups.listed(path.parent))
            ) from error
        for words, advice in _ADVICE.items():
            if words in reason and not path.exists():
                raise LibraryError(
                    tr(
                        "the library {folder} is not there now; plug in its drive, nothing in it "
                        "is lost",
                        folder=path.parent,
                    )
                ) from error
            if words in reason:
                raise LibraryError(f"{path}: {tr(advice)}") from error
        raise
    except OSError as error:
        raise LibraryError(
            tr("{path}: {reason}; check the folder", path=path, reason=error.strerror or error)
        ) from error


def _damaged(path: Path, reason: str, kept: Sequence[Path]) -> str:
    if kept:
        return tr(
            "{path} is damaged or not a library ({reason}); photoclust doctor tells what can be "
            "saved, photoclust restore brings a backup back; the newest is {newest}",
            path=path,
            reason=reason,
            newest=kept[0],
        )
    return tr(
        "{path} is damaged or not a library ({reason}); photoclust doctor tells what can be "
        "saved, photoclust restore brings a backup back, but it has none",
        path=path,
        reason=reason,
    )
