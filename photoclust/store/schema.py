"""The tables of a library.

Three kinds of data are kept apart. *Facts* come from files (photo, file, failure) and from the
networks (face, vector). *Decisions* come from the user (person, decision) and no run changes them.
*Guesses* (cluster, and `face.cluster_id`, `face.person_id`, `face.confirmed`, which repeat what
decisions and clusters say so that lists are fast) can be thrown away and made again.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class FilePath(TypeDecorator[Path]):
    """A path as text; one whose name is not UTF-8 as the very bytes, so that none is lost."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Path | None, dialect: Dialect) -> Any:
        """Text where the name can be text."""
        if value is None:
            return None
        name = str(value)
        try:
            name.encode("utf-8")
        except UnicodeEncodeError:
            return name.encode("utf-8", "surrogateescape")
        return name

    def process_result_value(self, value: Any, dialect: Dialect) -> Path | None:
        """The path as it was bound."""
        if value is None:
            return None
        if isinstance(value, bytes):
            value = value.decode("utf-8", "surrogateescape")
        return Path(value)


folder = Table(
    "folder",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", FilePath, nullable=False, unique=True),
)

photo = Table(
    "photo",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hash", String, nullable=False, unique=True),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("taken_at", DateTime),
    Column("camera", String),
    Column("detector", String, nullable=False),
    sqlite_autoincrement=True,
)

file = Table(
    "file",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("photo_id", ForeignKey("photo.id"), nullable=False, index=True),
    Column("path", FilePath, nullable=False, unique=True),
    Column("size", Integer, nullable=False),
    Column("mtime_ns", Integer, nullable=False),
)

failure = Table(
    "failure",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", FilePath, nullable=False, unique=True),
    Column("size", Integer, nullable=False),
    Column("mtime_ns", Integer, nullable=False),
    Column("reason", String, nullable=False),
)

person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("name_key", String, nullable=False, index=True),
    Column("created_at", DateTime, nullable=False, default=datetime.now),
    sqlite_autoincrement=True,
)

cluster = Table(
    "cluster",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("person.id"), index=True),
    sqlite_autoincrement=True,
)

face = Table(
    "face",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("photo_id", ForeignKey("photo.id"), nullable=False, index=True),
    Column("x", Float, nullable=False),
    Column("y", Float, nullable=False),
    Column("w", Float, nullable=False),
    Column("h", Float, nullable=False),
    Column("landmarks", LargeBinary, nullable=False),
    Column("score", Float, nullable=False),
    Column("quality", Float, nullable=False),
    Column("cluster_id", ForeignKey("cluster.id"), index=True),
    Column("person_id", ForeignKey("person.id")),
    Column("confirmed", Boolean, nullable=False, server_default=text("0")),
    Index("ix_face_person_id_quality", "person_id", "quality"),
    sqlite_autoincrement=True,
)

decision = Table(
    "decision",
    metadata,
    Column("face_id", ForeignKey("face.id"), primary_key=True),
    Column("person_id", ForeignKey("person.id"), primary_key=True, index=True),
    Column("confirmed", Boolean, nullable=False),
    Column("made_at", DateTime, nullable=False, default=datetime.now),
    CheckConstraint("confirmed IN (0, 1)", name="verdict"),
    # A face is one person: at most one confirmation, any number of rejections.
    Index("uq_decision_confirmed_face", "face_id", unique=True, sqlite_where=text("confirmed = 1")),
)

model = Table(
    "model",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
)

vector = Table(
    "vector",
    metadata,
    Column("face_id", ForeignKey("face.id"), primary_key=True),
    Column("model_id", ForeignKey("model.id"), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
