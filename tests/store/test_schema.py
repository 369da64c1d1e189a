import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, insert, select, text
from sqlalchemy.schema import CreateIndex, CreateTable

from photoclust.store import database, schema


def definitions(path):
    """What SQLite itself remembers of each table and index, without white space."""
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
            " AND name NOT LIKE 'alembic%' AND name NOT LIKE 'sqlite%'"
        ).fetchall()
    connection.close()
    # The order of the constraints within a table says nothing.
    return {
        (kind, name): sorted(
            part.rstrip(")") for part in "".join(sql.replace('"', "").split()).split(",")
        )
        for kind, name, sql in rows
    }


@pytest.fixture
def migrated(tmp_path):
    """A library that every migration was run for, from nothing."""
    path = tmp_path / "migrated.sqlite3"
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    yield engine
    engine.dispose()


def test_the_migrations_make_what_the_schema_says(migrated):
    """Alembic cannot compare descending indexes; the next test does."""
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_object": lambda _item, _name, kind, *_: kind != "index",
    }
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, schema.metadata) == []


def test_the_migrations_make_the_very_tables_of_a_new_library(migrated, library):
    """Checks, partial indexes and AUTOINCREMENT are not seen by alembic's comparison."""
    assert definitions(migrated.url.database) == definitions(library.path)


def test_a_new_library_is_of_the_newest_version_and_has_an_identity(migrated, library):
    def rows(ask):
        versions = ask(text("SELECT version_num FROM alembic_version")).scalars().all()
        return versions, len(ask(text("SELECT uid FROM library")).scalars().all())

    with migrated.connect() as connection, library.read() as tx:
        assert rows(connection.execute) == rows(tx.execute) == ([database.SCHEMA_VERSION], 1)


def test_the_newest_migration_is_the_version_that_the_program_expects():
    config = Config()
    folder = str(Path(database.__file__).parent / "migrations")
    config.set_main_option("script_location", folder)
    assert ScriptDirectory.from_config(config).get_heads() == [database.SCHEMA_VERSION]


def test_every_constraint_has_a_name_so_that_it_can_be_migrated():
    for table in schema.metadata.tables.values():
        text = str(CreateTable(table).compile())
        unnamed = [
            line
            for line in text.splitlines()
            if line.strip().startswith(("FOREIGN", "UNIQUE", "PRIMARY", "CHECK"))
        ]
        assert unnamed == []
        assert all(index.name for index in table.indexes)
        assert all(str(CreateIndex(index)) for index in table.indexes)


NAMES = ["plain.jpg", "Grüße.jpg", "quote'\".jpg", "bad-\udcff\udc80.jpg", "surrogate-\udce4.png"]


@pytest.mark.parametrize("name", NAMES)
def test_a_path_comes_back_as_it_was_whatever_its_name(library, name):
    path = Path("/photos") / name
    with library.write() as tx:
        tx.execute(insert(schema.folder).values(path=path))
    with library.read() as tx:
        found = tx.execute(select(schema.folder.c.path)).scalar_one()
        assert found == path
        assert isinstance(found, Path)
        by_path = select(schema.folder.c.id).where(schema.folder.c.path.in_([path]))
        assert tx.execute(by_path).scalar_one() == 1


def test_ids_of_what_was_deleted_are_never_given_again(library, maker, make_face):
    """A thumbnail or a window may still know the old id."""
    photo = maker.photo()
    (face,) = maker.faces(photo, [make_face()])
    maker.faces(photo, [])
    assert maker.faces(photo, [make_face()])[0] > face
