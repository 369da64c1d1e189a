"""The tables of a library.

Four kinds of data are kept apart. *Facts* come from files (photo, file, failure, sidecar) and from
the networks (face, vector). *The journal* (entry, change) is what the user did and which runs there
were. *Decisions* (person, alias, confirmation, rejection, presence, `face.excluded`, `photo.dated`,
`photo.repeats`, `photo.view_turn`, `photo.said_negative`, `folder_rule.repeats`) are what the
journal amounts to: no run changes them, and a replay of the journal makes them anew. *Guesses*
(cluster, and `face.cluster_id`, `face.person_id`, `face.confirmed`, and every `face_count`,
`photo_count` and `cover_id`, which repeat what decisions and clusters say so that lists are fast;
proposal, proposal_face; recognition, which overrides what a group says of a face;
`photo.stack_id`) can be thrown away and made again.
"""

import uuid
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
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
    desc,
    text,
)
from sqlalchemy.types import UserDefinedType

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def as_stored(path: Path) -> str | bytes:
    """What a column of `FilePath` holds for `path`."""
    name = str(path)
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return name.encode("utf-8", "surrogateescape")
    return name


def from_stored(value: str | bytes) -> Path:
    """The path of which `as_stored` gave `value`."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "surrogateescape")
    return Path(value)


class FilePath(TypeDecorator[Path]):
    """A path as text; one whose name is not UTF-8 as the very bytes, so that none is lost."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Path | None, dialect: Dialect) -> Any:
        """Text where the name can be text."""
        return None if value is None else as_stored(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Path | None:
        """The path as it was bound."""
        return None if value is None else from_stored(value)


class Value(UserDefinedType[Any]):
    """A number, a text or nothing, stored as it is (a column without affinity)."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The SQL name of the type."""
        return "BLOB"


def _new_uid() -> str:
    return str(uuid.uuid4())


library = Table(
    "library",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", String, nullable=False, default=_new_uid),
)

folder = Table(
    "folder",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", FilePath, nullable=False, unique=True),
)

mount = Table(
    "mount",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", FilePath, nullable=False, unique=True),
)

photo = Table(
    "photo",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("taken_at", DateTime),
    Column("date_source", String),
    Column("dated", String),
    Column("camera", String),
    Column("detector", String, nullable=False),
    Column("entry_id", ForeignKey("entry.id")),
    Column("lost_hash", LargeBinary),
    # Whether it may show one person several times; NULL: as the rule for its folder says.
    Column("repeats", Boolean),
    # Degrees, counter-clockwise, by which the user has it shown turned; NULL: as it is.
    Column("view_turn", Integer),
    # What it looks like (`media.look_hash`); NULL: like nothing, or not known.
    Column("look", LargeBinary),
    # The photo that is shown for the stack that it is in; NULL: it is in none.
    Column("stack_id", Integer),
    # Whether a scan took it for a film negative; NULL: no.
    Column("negative", Boolean),
    # Whether the user says that it is one; NULL: as the scan found.
    Column("said_negative", Boolean),
    # What it was taken for when its faces were last looked for; NULL: for what the scan found.
    Column("looked_negative", Boolean),
    Index("ix_photo_stack_id", "stack_id", sqlite_where=text("stack_id IS NOT NULL")),
    Index("ix_photo_lost_hash", "lost_hash", sqlite_where=text("lost_hash IS NOT NULL")),
    Index("ix_photo_repeats", "repeats", sqlite_where=text("repeats IS NOT NULL")),
    sqlite_autoincrement=True,
)

# A folder, of the library or within one, for whose photos the user decided something.
folder_rule = Table(
    "folder_rule",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", FilePath, nullable=False, unique=True),
    Column("repeats", Boolean, nullable=False, server_default=text("0")),
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
    Column("hash", LargeBinary, nullable=False, index=True),
    Column("picture_hash", LargeBinary, index=True),
    Column("role", String),
    Column("state", String),
    CheckConstraint("state IN ('offline', 'deleted')", name="state"),
    Index("ix_file_state", "state", sqlite_where=text("state IS NOT NULL")),
)

failure = Table(
    "failure",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", FilePath, nullable=False, unique=True),
    Column("size", Integer, nullable=False),
    Column("mtime_ns", Integer, nullable=False),
    Column("reason", String, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
)

# Files beside photos (XMP, Picasa's) as they were when the names in them were read last.
sidecar = Table(
    "sidecar",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", FilePath, nullable=False, unique=True),
    Column("size", Integer, nullable=False),
    Column("mtime_ns", Integer, nullable=False),
)

entry = Table(
    "entry",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("status", String, nullable=False),
    Column("made_at", DateTime, nullable=False),
    Column("ended_at", DateTime),
    Column("author", String),
    Column("details", JSON, nullable=False),
    Column("guesses", JSON),
    Index("ix_entry_running", "status", sqlite_where=text("status = 'running'")),
    sqlite_autoincrement=True,
)

change = Table(
    "change",
    metadata,
    Column("entry_id", ForeignKey("entry.id"), primary_key=True),
    Column("subject", Integer, primary_key=True),
    Column("a", Integer, primary_key=True),
    Column("b", Integer, primary_key=True),
    Column("value", Value),
    # Stands though its entry is undone, because later entries need it.
    Column("kept", Boolean, nullable=False, server_default=text("0")),
    Index("ix_change_register", "subject", "a", "b", "entry_id"),
    sqlite_with_rowid=False,
)

person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", String, nullable=False, unique=True, default=_new_uid),
    Column("alive", Boolean, nullable=False),
    Column("name", String),
    Column("name_key", String, index=True),
    Column("hidden", Boolean, nullable=False, server_default=text("0")),
    Column("face_count", Integer, nullable=False, server_default=text("0")),
    Column("photo_count", Integer, nullable=False, server_default=text("0")),
    Column("cover_id", Integer),
    # When they were born, as `PhotoDate` text.
    Column("born", String),
    # The face that the user chose; it is their `cover_id` as long as it is shown as them.
    Column("chosen_cover_id", Integer),
    Index("ix_person_born", "born", sqlite_where=text("born IS NOT NULL")),
    sqlite_autoincrement=True,
)

# Other names under which a person is found.
alias = Table(
    "alias",
    metadata,
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    # Made from the key (see `names.alias_number`), so that two spellings of one name are one alias.
    Column("number", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("name_key", String, nullable=False, index=True),
    sqlite_with_rowid=False,
)

cluster = Table(
    "cluster",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("person.id"), index=True),
    Column("entry_id", ForeignKey("entry.id")),
    Column("face_count", Integer, nullable=False, server_default=text("0")),
    Column("photo_count", Integer, nullable=False, server_default=text("0")),
    Column("cover_id", Integer),
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
    Column("drawn", Boolean, nullable=False, server_default=text("0")),
    Column("excluded", Boolean, nullable=False, server_default=text("0")),
    Column("cluster_id", ForeignKey("cluster.id")),
    Column("person_id", ForeignKey("person.id")),
    Column("confirmed", Boolean, nullable=False, server_default=text("0")),
    Index("ix_face_person_id_quality", "person_id", desc("quality")),
    # Whose photos are which, without a look at 50 000 faces of one person.
    Index("ix_face_person_id_photo_id_excluded", "person_id", "photo_id", "excluded"),
    Index("ix_face_cluster_id_quality", "cluster_id", desc("quality")),
    Index("ix_face_excluded", "excluded", sqlite_where=text("excluded = 1")),
    Index(
        "ix_face_single",
        desc("quality"),
        sqlite_where=text("person_id IS NULL AND cluster_id IS NULL AND excluded = 0"),
    ),
    sqlite_autoincrement=True,
)

confirmation = Table(
    "confirmation",
    metadata,
    # A face is one person: at most one confirmation, any number of rejections.
    Column("face_id", ForeignKey("face.id"), primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
)

rejection = Table(
    "rejection",
    metadata,
    Column("face_id", ForeignKey("face.id"), primary_key=True),
    Column("person_id", ForeignKey("person.id"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

# Who is in a photo without a face that could be seen, as the user said.
presence = Table(
    "presence",
    metadata,
    Column("photo_id", ForeignKey("photo.id"), primary_key=True),
    Column("person_id", ForeignKey("person.id"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

# A grouping that was computed and kept beside the present one.
proposal = Table(
    "proposal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("made_at", DateTime, nullable=False),
    Column("method", String, nullable=False),
    Column("model", String, nullable=False),
    Column("applied", Boolean, nullable=False, server_default=text("0")),
    sqlite_autoincrement=True,
)

proposal_face = Table(
    "proposal_face",
    metadata,
    # By face first, so that a face which is deleted is found in every proposal.
    Column("face_id", ForeignKey("face.id"), primary_key=True),
    Column("proposal_id", ForeignKey("proposal.id"), primary_key=True),
    # The group it would be in; NULL: in none.
    Column("label", Integer),
    sqlite_with_rowid=False,
)

# Who a face that no user decided about is by its likeness to the people there are, and how sure
# that is. A face without a row was not judged, and goes with its group.
recognition = Table(
    "recognition",
    metadata,
    Column("face_id", ForeignKey("face.id"), primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("probability", Float, nullable=False),
    Column("similarity", Float, nullable=False),
    Column("runner_up_id", ForeignKey("person.id")),
    Column("runner_up_similarity", Float),
    Column("runner_up_probability", Float),
    # Shown as the person; all others are only asked about.
    Column("named", Boolean, nullable=False),
    # The run that named it.
    Column("entry_id", ForeignKey("entry.id"), index=True),
)

# What runs of recognition named faces as, also where that has changed since: a name that was taken
# back with its run is not given again.
given_name = Table(
    "given_name",
    metadata,
    Column("face_id", ForeignKey("face.id"), primary_key=True),
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("entry_id", ForeignKey("entry.id"), primary_key=True, index=True),
    sqlite_with_rowid=False,
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
    Column("engine", String),  # NULL: the processor, in float32
)
