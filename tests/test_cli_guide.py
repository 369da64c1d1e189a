"""photoclust help, as a user and a script meet it."""

import json
import os

import pytest
from typer.testing import CliRunner

from photoclust.cli import app
from photoclust.core import paths
from photoclust.core.settings import Settings, save
from photoclust.services import guide


def run(*arguments, **environment):
    silent = dict.fromkeys(("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"), "")
    with pytest.MonkeyPatch.context() as patch:
        # A copy: the C library heeds what is really set, and would tell other tests in French ever
        # after why a file cannot be opened.
        patch.setattr(os, "environ", {**os.environ, **silent, **environment})
        return CliRunner().invoke(app, ["help", *arguments])


@pytest.fixture
def settings(monkeypatch, tmp_path):
    path = tmp_path / "settings.json"
    monkeypatch.setattr(paths, "settings_file", lambda: path)
    return path


def test_without_a_topic_all_are_listed_a_line_each(settings):
    result = run()
    assert result.exit_code == 0
    lines = result.stdout.split("\n\n")[0].splitlines()
    assert [line.split()[0] for line in lines] == list(guide.TOPICS)
    assert all(topic.title in line for topic, line in zip(guide.topics("en"), lines, strict=True))


def test_a_topic_is_plain_text_where_it_is_piped(settings):
    result = run("merge")
    assert result.exit_code == 0
    assert "One person twice" in result.stdout
    assert "photoclust merge g31 p7" in result.stdout
    assert "photoclust help review" in result.stdout
    for mark in ("\x1b", "**", "](", "<!--"):
        assert mark not in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 96


def test_a_terminal_shows_it_in_colours_and_in_its_width(settings, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setenv("TERM", "xterm-256color")
    printed = []
    monkeypatch.setattr("typer.echo", lambda text, **_: printed.append(text.decode()))
    from photoclust import cli_guide

    cli_guide._show(guide.for_terminal(guide.read("en", "sharing")))
    assert "\x1b[" in printed[0]


@pytest.mark.parametrize(
    ("environment", "title"),
    [
        ({"LANG": "de_AT.UTF-8"}, "Fotos finden"),
        ({"LANGUAGE": "fr:de_DE:en", "LANG": "fr_FR.UTF-8"}, "Fotos finden"),
        ({"LANG": "fr_FR.UTF-8"}, "Find photos"),
        ({"LANG": "C"}, "Find photos"),
        ({}, "Find photos"),
    ],
)
def test_it_speaks_the_language_of_the_system(settings, environment, title):
    assert title in run("searching", **environment).stdout


def test_the_language_that_is_set_or_asked_for_comes_first(settings):
    save(Settings(language="de"), settings)
    assert "Fotos finden" in run("searching", LANG="en_GB.UTF-8").stdout
    assert "Find photos" in run("searching", "--language", "en").stdout
    assert run("--language", "fr").exit_code == 2


def test_a_wrong_topic_is_one_sentence_with_the_nearest(settings):
    result = run("nameing")
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: the guide has no topic 'nameing'; try photoclust help naming\n"
    )
    assert "photoclust help lists all" in run("qqqq").stderr


def test_scripts_get_one_document(settings):
    assert [topic["name"] for topic in json.loads(run("--json").stdout)] == list(guide.TOPICS)
    topic = json.loads(run("undo", "--json").stdout)
    assert topic["name"] == "correcting"
    assert topic["text"].startswith(f"# {topic['title']}\n")
    assert "error" in json.loads(run("qqqq", "--json").stdout)


def test_a_topic_may_be_several_words(settings):
    assert "Say who people are" in run("say", "who", "people", "are").stdout
