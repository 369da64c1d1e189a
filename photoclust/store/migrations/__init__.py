"""Alembic scripts, one step per schema version."""
