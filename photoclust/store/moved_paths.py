"""The paths of a library that cannot be written, shown as they are where its photos lie now.

Views of the same names, in the temporary database of each connection, stand before the tables with
paths. Nothing is written to the disk.
"""

import os
import sqlite3
from pathlib import Path, PurePath, PureWindowsPath

from photoclust.store import schema

_TABLES = (schema.folder, schema.mount, schema.failure, schema.file, schema.folder_rule)


def shadow(connection: sqlite3.Connection, old: PurePath, new: Path) -> None:
    """Let every path at or below `old`, be it of another operating system, be read as one at or
    below `new`. Names that are not UTF-8 stay as they are.
    """
    connection.execute("PRAGMA temp_store = MEMORY")
    theirs = "\\" if isinstance(old, PureWindowsPath) else "/"
    before, now = str(old).removesuffix(theirs), str(new).removesuffix(os.sep)
    rest = f"replace(substr(path, {len(before) + 1}), {_quoted(theirs)}, {_quoted(os.sep)})"
    is_inside = (
        f"typeof(path) = 'text' AND (path = {_quoted(before)} "
        f"OR substr(path, 1, {len(before) + 1}) = {_quoted(before + theirs)})"
    )
    for table in _TABLES:
        columns = ", ".join(
            f"CASE WHEN {is_inside} THEN {_quoted(now)} || {rest} ELSE path END AS path"
            if column.name == "path"
            else column.name
            for column in table.columns
        )
        view = f"CREATE TEMP VIEW {table.name} AS SELECT {columns} FROM main.{table.name}"  # noqa: S608 - names of ours, values quoted
        connection.execute(view)


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
