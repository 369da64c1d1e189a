"""The first schema: photos, files, faces, vectors, clusters, people and decisions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "folder",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("path", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_folder"),
        sa.UniqueConstraint("path", name="uq_folder_path"),
    )
    op.create_table(
        "photo",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("taken_at", sa.DateTime),
        sa.Column("camera", sa.String),
        sa.Column("detector", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_photo"),
        sa.UniqueConstraint("hash", name="uq_photo_hash"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "file",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("photo_id", sa.Integer, nullable=False),
        sa.Column("path", sa.String, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("mtime_ns", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_file"),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name="fk_file_photo_id"),
        sa.UniqueConstraint("path", name="uq_file_path"),
    )
    op.create_index("ix_file_photo_id", "file", ["photo_id"])
    op.create_table(
        "failure",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("path", sa.String, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("mtime_ns", sa.Integer, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_failure"),
        sa.UniqueConstraint("path", name="uq_failure_path"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("name_key", sa.String, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_person_name_key", "person", ["name_key"])
    op.create_table(
        "cluster",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_cluster"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_cluster_person_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_cluster_person_id", "cluster", ["person_id"])
    op.create_table(
        "face",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("photo_id", sa.Integer, nullable=False),
        sa.Column("x", sa.Float, nullable=False),
        sa.Column("y", sa.Float, nullable=False),
        sa.Column("w", sa.Float, nullable=False),
        sa.Column("h", sa.Float, nullable=False),
        sa.Column("landmarks", sa.LargeBinary, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("quality", sa.Float, nullable=False),
        sa.Column("cluster_id", sa.Integer),
        sa.Column("person_id", sa.Integer),
        sa.Column("confirmed", sa.Boolean, nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("id", name="pk_face"),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name="fk_face_photo_id"),
        sa.ForeignKeyConstraint(["cluster_id"], ["cluster.id"], name="fk_face_cluster_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_face_person_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_face_photo_id", "face", ["photo_id"])
    op.create_index("ix_face_cluster_id", "face", ["cluster_id"])
    op.create_index("ix_face_person_id_quality", "face", ["person_id", "quality"])
    op.create_table(
        "decision",
        sa.Column("face_id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("confirmed", sa.Boolean, nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("face_id", "person_id", name="pk_decision"),
        sa.ForeignKeyConstraint(["face_id"], ["face.id"], name="fk_decision_face_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_decision_person_id"),
        sa.CheckConstraint("confirmed IN (0, 1)", name=op.f("ck_decision_verdict")),
    )
    op.create_index("ix_decision_person_id", "decision", ["person_id"])
    op.create_index(
        "uq_decision_confirmed_face",
        "decision",
        ["face_id"],
        unique=True,
        sqlite_where=sa.text("confirmed = 1"),
    )
    op.create_table(
        "model",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_model"),
        sa.UniqueConstraint("name", name="uq_model_name"),
    )
    op.create_table(
        "vector",
        sa.Column("face_id", sa.Integer, nullable=False),
        sa.Column("model_id", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("face_id", "model_id", name="pk_vector"),
        sa.ForeignKeyConstraint(["face_id"], ["face.id"], name="fk_vector_face_id"),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name="fk_vector_model_id"),
    )
