"""The library on disk. SQLAlchemy lives here and nowhere else; out come frozen dataclasses."""
