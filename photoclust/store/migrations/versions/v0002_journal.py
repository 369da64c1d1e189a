"""The journal; files with hashes of their own; people who are kept when they end; counts.

What was decided before becomes the first entry of the journal.
"""

import json
import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_PERSON, _NAME, _IDENTITY, _REJECTION = 1, 2, 4, 5  # subjects, as in `decisions`


def upgrade() -> None:
    """Make the new tables, fill them from the old ones, and put them in their place."""
    _new_tables()
    _rebuild_photos_and_files()
    _rebuild_people()
    _rebuild_faces()
    _decisions_to_journal()
    _count()


def _new_tables() -> None:
    op.create_table(
        "library",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("uid", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_library"),
    )
    op.execute(sa.text("INSERT INTO library VALUES (1, :uid)").bindparams(uid=str(uuid.uuid4())))
    op.create_table(
        "mount",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("path", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mount"),
        sa.UniqueConstraint("path", name="uq_mount_path"),
    )
    op.add_column(
        "failure", sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0"))
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.Column("ended_at", sa.DateTime),
        sa.Column("author", sa.String),
        sa.Column("details", sa.JSON, nullable=False),
        sa.Column("guesses", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_entry"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_entry_running", "entry", ["status"], sqlite_where=sa.text("status = 'running'")
    )
    # A column of type BLOB has no affinity: numbers and texts stay what they are.
    op.execute(
        "CREATE TABLE change (entry_id INTEGER NOT NULL, subject INTEGER NOT NULL, "
        "a INTEGER NOT NULL, b INTEGER NOT NULL, value BLOB, kept BOOLEAN DEFAULT 0 NOT NULL, "
        "CONSTRAINT pk_change PRIMARY KEY (entry_id, subject, a, b), "
        "CONSTRAINT fk_change_entry_id FOREIGN KEY(entry_id) REFERENCES entry (id)) WITHOUT ROWID"
    )
    op.create_index("ix_change_register", "change", ["subject", "a", "b", "entry_id"])
    op.create_table(
        "confirmation",
        sa.Column("face_id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("face_id", name="pk_confirmation"),
        sa.ForeignKeyConstraint(["face_id"], ["face.id"], name="fk_confirmation_face_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_confirmation_person_id"),
    )
    op.create_index("ix_confirmation_person_id", "confirmation", ["person_id"])
    op.create_table(
        "rejection",
        sa.Column("face_id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("face_id", "person_id", name="pk_rejection"),
        sa.ForeignKeyConstraint(["face_id"], ["face.id"], name="fk_rejection_face_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_rejection_person_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_rejection_person_id", "rejection", ["person_id"])


def _replace(old: str, columns: str, values: str) -> None:
    """Put the table `new_{old}`, filled with `values` of the old one, in the place of `old`."""
    op.execute(f"INSERT INTO new_{old} ({columns}) SELECT {values} FROM {old}")  # noqa: S608
    op.drop_table(old)
    op.rename_table(f"new_{old}", old)


def _rebuild_photos_and_files() -> None:
    op.create_table(
        "new_file",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("photo_id", sa.Integer, nullable=False),
        sa.Column("path", sa.String, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("mtime_ns", sa.Integer, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("picture_hash", sa.LargeBinary),
        sa.Column("role", sa.String),
        sa.Column("state", sa.String),
        sa.PrimaryKeyConstraint("id", name="pk_file"),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name="fk_file_photo_id"),
        sa.UniqueConstraint("path", name="uq_file_path"),
        sa.CheckConstraint("state IN ('offline', 'deleted')", name=op.f("ck_file_state")),
    )
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT file.id, photo_id, path, size, mtime_ns, photo.hash FROM file "
            "JOIN photo ON photo.id = photo_id"
        )
    )
    new_file = sa.table(
        "new_file", *map(sa.column, ("id", "photo_id", "path", "size", "mtime_ns", "hash"))
    )
    while part := rows.fetchmany(1000):
        connection.execute(
            new_file.insert(),
            [{**row._mapping, "hash": bytes.fromhex(row.hash)} for row in part],
        )
    alone = connection.execute(
        sa.text("SELECT id, hash FROM photo WHERE id NOT IN (SELECT photo_id FROM file)")
    ).all()
    op.drop_table("file")
    op.rename_table("new_file", "file")
    for column in ("photo_id", "hash", "picture_hash"):
        op.create_index(f"ix_file_{column}", "file", [column])
    op.create_index("ix_file_state", "file", ["state"], sqlite_where=sa.text("state IS NOT NULL"))
    op.create_table(
        "new_photo",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("taken_at", sa.DateTime),
        sa.Column("date_source", sa.String),
        sa.Column("dated", sa.String),
        sa.Column("camera", sa.String),
        sa.Column("detector", sa.String, nullable=False),
        sa.Column("entry_id", sa.Integer),
        sa.Column("lost_hash", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_photo"),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_photo_entry_id"),
        sqlite_autoincrement=True,
    )
    _replace(
        "photo",
        "id, width, height, turn, taken_at, date_source, camera, detector",
        "id, width, height, turn, taken_at, iif(taken_at IS NULL, NULL, 'exif'), camera, detector",
    )
    for row in alone:
        connection.execute(
            sa.text("UPDATE photo SET lost_hash = :hash WHERE id = :id"),
            {"id": row.id, "hash": bytes.fromhex(row.hash)},
        )
    op.create_index(
        "ix_photo_lost_hash",
        "photo",
        ["lost_hash"],
        sqlite_where=sa.text("lost_hash IS NOT NULL"),
    )


def _rebuild_people() -> None:
    op.create_table(
        "new_person",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("uid", sa.String, nullable=False),
        sa.Column("alive", sa.Boolean, nullable=False),
        sa.Column("name", sa.String),
        sa.Column("name_key", sa.String),
        sa.Column("hidden", sa.Boolean, nullable=False, server_default=sa.text("0")),
        *_counts(),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("uid", name="uq_person_uid"),
        sqlite_autoincrement=True,
    )
    # A made-up identifier of 122 random bits (RFC 9562, version 4), as `uuid.uuid4` makes them.
    random_uid = (
        "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || "
        "substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + abs(random() % 4), 1) || "
        "substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))"
    )
    _replace("person", "id, uid, alive, name, name_key", f"id, {random_uid}, 1, name, name_key")
    op.create_index("ix_person_name_key", "person", ["name_key"])
    op.create_table(
        "new_cluster",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Integer),
        sa.Column("entry_id", sa.Integer),
        *_counts(),
        sa.PrimaryKeyConstraint("id", name="pk_cluster"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_cluster_person_id"),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_cluster_entry_id"),
        sqlite_autoincrement=True,
    )
    _replace("cluster", "id, person_id", "id, person_id")
    op.create_index("ix_cluster_person_id", "cluster", ["person_id"])


def _counts() -> tuple[sa.Column[int], ...]:
    return (
        sa.Column("face_count", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("photo_count", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("cover_id", sa.Integer),
    )


def _rebuild_faces() -> None:
    op.create_table(
        "new_face",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("photo_id", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Float, nullable=False) for name in "xywh"),
        sa.Column("landmarks", sa.LargeBinary, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("quality", sa.Float, nullable=False),
        sa.Column("drawn", sa.Boolean, nullable=False, server_default=sa.text("0")),
        sa.Column("excluded", sa.Boolean, nullable=False, server_default=sa.text("0")),
        sa.Column("cluster_id", sa.Integer),
        sa.Column("person_id", sa.Integer),
        sa.Column("confirmed", sa.Boolean, nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("id", name="pk_face"),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name="fk_face_photo_id"),
        sa.ForeignKeyConstraint(["cluster_id"], ["cluster.id"], name="fk_face_cluster_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_face_person_id"),
        sqlite_autoincrement=True,
    )
    columns = (
        "id, photo_id, x, y, w, h, landmarks, score, quality, cluster_id, person_id, confirmed"
    )
    _replace("face", columns, columns)
    op.create_index("ix_face_photo_id", "face", ["photo_id"])
    for column in ("person_id", "cluster_id"):
        op.create_index(f"ix_face_{column}_quality", "face", [column, sa.text("quality DESC")])
    op.create_index("ix_face_excluded", "face", ["excluded"], sqlite_where=sa.text("excluded = 1"))
    op.create_index(
        "ix_face_single",
        "face",
        [sa.text("quality DESC")],
        sqlite_where=sa.text("person_id IS NULL AND cluster_id IS NULL AND excluded = 0"),
    )


def _decisions_to_journal() -> None:
    op.execute(
        "INSERT INTO confirmation SELECT face_id, person_id FROM decision WHERE confirmed = 1"
    )
    op.execute("INSERT INTO rejection SELECT face_id, person_id FROM decision WHERE confirmed = 0")
    op.drop_table("decision")
    connection = op.get_bind()
    if connection.execute(sa.text("SELECT 1 FROM person")).first() is None:
        return
    entry = connection.execute(
        sa.text(
            "INSERT INTO entry (kind, status, made_at, details) "
            "VALUES ('upgrade', 'stands', :now, :details) RETURNING id"
        ),
        {
            "now": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"),
            "details": json.dumps({"from": "0001"}),
        },
    ).scalar_one()
    for subject, columns, table in (
        (_PERSON, "id, 0, 1", "person"),
        (_NAME, "id, 0, name", "person"),
        (_IDENTITY, "face_id, 0, person_id", "confirmation"),
        (_REJECTION, "face_id, person_id, 1", "rejection"),
    ):
        op.execute(
            "INSERT INTO change (entry_id, subject, a, b, value) "  # noqa: S608
            f"SELECT {entry}, {subject}, {columns} FROM {table}"
        )


def _count() -> None:
    for table, only in (
        ("person", ""),
        ("cluster", "AND face.person_id IS NULL AND face.excluded = 0"),
    ):
        mine = f"FROM face WHERE face.{table}_id = {table}.id {only}"
        op.execute(
            f"UPDATE {table} SET "  # noqa: S608
            f"face_count = (SELECT count(*) {mine}), "
            f"photo_count = (SELECT count(DISTINCT photo_id) {mine}), "
            f"cover_id = (SELECT id {mine} ORDER BY quality DESC, id LIMIT 1)"
        )
