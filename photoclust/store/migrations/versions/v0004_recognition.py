"""Who faces are by their likeness to the people there are."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the new tables."""
    op.create_table(
        "recognition",
        sa.Column("face_id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("probability", sa.Float, nullable=False),
        sa.Column("similarity", sa.Float, nullable=False),
        sa.Column("runner_up_id", sa.Integer),
        sa.Column("runner_up_similarity", sa.Float),
        sa.Column("runner_up_probability", sa.Float),
        sa.Column("named", sa.Boolean, nullable=False),
        sa.Column("entry_id", sa.Integer),
        sa.PrimaryKeyConstraint("face_id", name="pk_recognition"),
        sa.ForeignKeyConstraint(["face_id"], ["face.id"], name="fk_recognition_face_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_recognition_person_id"),
        sa.ForeignKeyConstraint(
            ["runner_up_id"], ["person.id"], name="fk_recognition_runner_up_id"
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_recognition_entry_id"),
    )
    for column in ("person_id", "entry_id"):
        op.create_index(f"ix_recognition_{column}", "recognition", [column])
    op.create_table(
        "given_name",
        sa.Column("face_id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("face_id", "person_id", "entry_id", name="pk_given_name"),
        sa.ForeignKeyConstraint(["face_id"], ["face.id"], name="fk_given_name_face_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_given_name_person_id"),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_given_name_entry_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_given_name_entry_id", "given_name", ["entry_id"])
