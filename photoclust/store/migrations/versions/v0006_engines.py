"""What computed each vector: the networks have 8-bit forms, and may run on other devices."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column; what is there was computed by the processor in float32, which is NULL."""
    op.execute("ALTER TABLE vector ADD COLUMN engine VARCHAR")
