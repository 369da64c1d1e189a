"""Aliases, birthdays and chosen covers of people, people without a face, photos shown turned."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the new tables, and the new columns of people and photos."""
    op.execute("ALTER TABLE photo ADD COLUMN view_turn INTEGER")
    op.execute("ALTER TABLE person ADD COLUMN born VARCHAR")
    op.execute("ALTER TABLE person ADD COLUMN chosen_cover_id INTEGER")
    op.create_index("ix_person_born", "person", ["born"], sqlite_where=sa.text("born IS NOT NULL"))
    op.create_table(
        "alias",
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("name_key", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "number", name="pk_alias"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_alias_person_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_alias_name_key", "alias", ["name_key"])
    op.create_table(
        "presence",
        sa.Column("photo_id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("photo_id", "person_id", name="pk_presence"),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name="fk_presence_photo_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_presence_person_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_presence_person_id", "presence", ["person_id"])
    op.create_index(
        "ix_face_person_id_photo_id_excluded", "face", ["person_id", "photo_id", "excluded"]
    )
