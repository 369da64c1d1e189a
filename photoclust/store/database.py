"""Opening a library: its folder, its SQLite file, its schema version, and transactions.

Owns connections and nothing else. One library has at most one writer at a time: `write` takes
SQLite's write lock at its start, so that a transaction never fails half-way for want of it.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from photoclust.core.errors import LibraryError
from photoclust.core.paths import LIBRARY_FILE, make_library_folder

FILE_NAME = LIBRARY_FILE
SCHEMA_VERSION = "0001"
PAGE_SIZE = 8192
BUSY_TIMEOUT_MS = 10_000

Transaction = Connection
"""What `photos`, `faces` and `people` work on; made by `Library.read` and `Library.write`."""


class Library:
    """An open library. Close it, or use it as a context manager."""

    def __init__(self, folder: Path) -> None:
        """Open the library in `folder`, creating or upgrading it where needed.

        Raises LibraryError when the folder cannot be used, the file is no library, or it comes
        from a newer photoclust.
        """
        self.folder = make_library_folder(folder)
        self.path = self.folder / FILE_NAME
        with _as_library_error(self.path):
            if not self.path.exists():
                # Owner-only from the first byte; SQLite gives its side files the same mode.
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            self._engine = _engine(self.path)
            try:
                self._migrate()
            except BaseException:
                self._engine.dispose()
                raise

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
        """One transaction: all of it or, after an exception, nothing of it."""
        with _as_library_error(self.path), self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def close(self) -> None:
        """Give the file back; the library object is of no use after it."""
        self._engine.dispose()

    def __enter__(self) -> "Library":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _migrate(self) -> None:
        version = self._version()
        if version == SCHEMA_VERSION:
            return
        if version is not None and version > SCHEMA_VERSION:
            raise LibraryError(
                f"the library {self.folder} was made by a newer photoclust; "
                "update photoclust to open it"
            )
        # Imported here: alembic takes longer to load than an up-to-date library to open.
        from alembic import command  # noqa: PLC0415
        from alembic.config import Config  # noqa: PLC0415

        config = Config()
        scripts = str(Path(__file__).parent / "migrations").replace("%", "%%")
        config.set_main_option("script_location", scripts)
        with self.write() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

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
        raise LibraryError(f"{self.path} is not a photoclust library; choose another folder")


def _engine(path: Path) -> Engine:
    engine = create_engine(URL.create("sqlite", database=str(path)), poolclass=QueuePool)

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        # Transactions are begun by `read` and `write`, never by the driver.
        connection.isolation_level = None
        for pragma in (
            f"page_size = {PAGE_SIZE}",
            f"busy_timeout = {BUSY_TIMEOUT_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = 1",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine


@contextmanager
def _as_library_error(path: Path) -> Iterator[None]:
    """SQLite's complaints in words that say what to do."""
    try:
        yield
    except OperationalError as error:
        reason = str(error.orig)
        if "locked" in reason:
            advice = "another photoclust is writing to it; wait until it is done"
        elif "full" in reason:
            advice = "the disk is full; make room and try again"
        elif "readonly" in reason or "unable to open" in reason:
            advice = "it cannot be written; check the permissions of the folder"
        else:
            raise
        raise LibraryError(f"{path}: {advice}") from error
    except DatabaseError as error:
        if isinstance(error.orig, sqlite3.DatabaseError) and (
            "not a database" in str(error.orig) or "malformed" in str(error.orig)
        ):
            raise LibraryError(
                f"{path} is damaged or not a library ({error.orig}); "
                "restore it from a copy or choose another folder"
            ) from error
        raise
    except OSError as error:
        raise LibraryError(f"{path}: {error.strerror or error}; check the folder") from error
