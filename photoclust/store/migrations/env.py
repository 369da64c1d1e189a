"""Alembic's entry point: runs the scripts on the connection that `database` hands over."""

from alembic import context

from photoclust.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
