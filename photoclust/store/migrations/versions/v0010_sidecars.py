"""Files beside photos that tell of them are read again when they change."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the table. It begins empty: the next scan reads them all, once."""
    op.execute(
        "CREATE TABLE sidecar (id INTEGER NOT NULL, path VARCHAR NOT NULL, size INTEGER NOT NULL, "
        "mtime_ns INTEGER NOT NULL, CONSTRAINT pk_sidecar PRIMARY KEY (id), "
        "CONSTRAINT uq_sidecar_path UNIQUE (path))"
    )
