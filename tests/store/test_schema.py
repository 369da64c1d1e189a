import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, insert, select
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


def test_the_migrations_make_what_the_schema_says(library):
    with library.read() as tx:
        context = MigrationContext.configure(
            tx, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, schema.metadata) == []


def test_the_migrations_make_the_very_tables_constraints_and_indexes(library, tmp_path):
    """Checks, partial indexes and AUTOINCREMENT are not seen by alembic's comparison."""
    fresh = create_engine(f"sqlite:///{tmp_path / 'fresh.sqlite3'}")
    schema.metadata.create_all(fresh)
    fresh.dispose()
    assert definitions(library.path) == definitions(tmp_path / "fresh.sqlite3")


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
