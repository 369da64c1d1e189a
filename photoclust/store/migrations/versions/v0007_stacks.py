"""Photos that look alike, or are forms of one shot, are shown as one."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns; they are filled as photos are scanned, or by `photoclust stacks rebuild`."""
    op.execute("ALTER TABLE photo ADD COLUMN look BLOB")
    op.execute("ALTER TABLE photo ADD COLUMN stack_id INTEGER")
    op.execute("CREATE INDEX ix_photo_stack_id ON photo (stack_id) WHERE stack_id IS NOT NULL")
