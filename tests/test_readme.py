"""The README tells of every command, and of no other."""

import re

import typer

from photoclust.cli import app
from photoclust.core.query.parser import parse
from photoclust.core.query.words import KEYS, UNNAMED


def table_below(repository, heading):
    """The first cells of the table below a heading."""
    text = (repository / "README.md").read_text(encoding="utf-8")
    part = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*?`.*?) (?<!\\)\| ", part, re.MULTILINE)
    return [row.replace("\\|", "|") for row in rows]


def test_every_command_is_documented(repository):
    rows = table_below(repository, "Command line")
    told = {name for row in rows for name in re.findall(r"`photoclust ([a-z-]+)", row)}
    told |= {name for row in rows for name in re.findall(r"/ `([a-z-]+)", row)}
    commands = set(typer.main.get_command(app).commands)
    assert commands - told == set()
    assert {re.search(r"`photoclust ?([a-z-]*)", row)[1] for row in rows} - commands == {""}


def test_every_kind_of_search_is_documented_and_can_be_read(repository):
    rows = table_below(repository, "Searching")
    searches = [text for row in rows for text in re.findall("`(.*?)`", row)]
    for text in searches:
        parse(text)
    for word in (*(f"{key}:" for key in KEYS), UNNAMED, "or", '"', "(", "-", ".."):
        assert any(word in text for text in searches), word
