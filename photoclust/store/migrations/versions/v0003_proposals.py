"""Proposals of another grouping; photos and folders where one person may be there several times."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the new tables, and the new column of photos."""
    op.execute("ALTER TABLE photo ADD COLUMN repeats BOOLEAN")
    op.create_index(
        "ix_photo_repeats", "photo", ["repeats"], sqlite_where=sa.text("repeats IS NOT NULL")
    )
    op.create_table(
        "folder_rule",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("path", sa.String, nullable=False),
        sa.Column("repeats", sa.Boolean, nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("id", name="pk_folder_rule"),
        sa.UniqueConstraint("path", name="uq_folder_rule_path"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.Column("method", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("applied", sa.Boolean, nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("id", name="pk_proposal"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "proposal_face",
        sa.Column("face_id", sa.Integer, nullable=False),
        sa.Column("proposal_id", sa.Integer, nullable=False),
        sa.Column("label", sa.Integer),
        sa.PrimaryKeyConstraint("face_id", "proposal_id", name="pk_proposal_face"),
        sa.ForeignKeyConstraint(["face_id"], ["face.id"], name="fk_proposal_face_face_id"),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name="fk_proposal_face_proposal_id"
        ),
        sqlite_with_rowid=False,
    )
