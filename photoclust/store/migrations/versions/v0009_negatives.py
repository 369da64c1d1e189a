"""Photos of film negatives are looked at, and shown, as positives."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns; that nothing is said is right for all photos until they are looked at."""
    for column in ("negative", "said_negative", "looked_negative"):
        op.execute(f"ALTER TABLE photo ADD COLUMN {column} BOOLEAN")
