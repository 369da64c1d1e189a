"""The guide tells of everything that there is, in each language, and by the names it has."""

import re
from dataclasses import fields

import pytest
import typer
from babel.messages.pofile import read_po

from photoclust.cli import app
from photoclust.core.language import CODE, LANGUAGES
from photoclust.core.query.parser import parse
from photoclust.core.settings import Settings
from photoclust.services import guide

BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
CODES = re.compile(r"`([^`\n]+)`")
FENCED = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(command=None, path=("photoclust",)):
    """Every command, those in groups too, as it is written: `photoclust model use`."""
    command = command or typer.main.get_command(app)
    if command.hidden:
        return
    below = getattr(command, "commands", {})
    if not below or command.invoke_without_command:
        yield " ".join(path)
    for name, each in below.items():
        yield from commands(each, (*path, name))


def codes(topic):
    """What is written as it is typed, line by line."""
    text = topic.text
    fenced = [line for part in FENCED.findall(text) for line in part.splitlines()]
    return [*fenced, *(" ".join(code.split()) for code in CODES.findall(FENCED.sub("", text)))]


def headings(topic):
    return re.findall(r"^(#+) ", FENCED.sub("", topic.text), re.MULTILINE)


def labels(repository, language):
    """All words of the window in `language`, without the marks of keys."""
    path = repository / "resources" / "locale" / "de" / "LC_MESSAGES" / "photoclust.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale="de")
    for message in catalogue:
        if any(place.startswith("photoclust/gui/") for place, _ in message.locations):
            forms = message.id if language == CODE else message.string
            for form in (forms,) if isinstance(forms, str) else forms:
                yield plain(form)


def plain(label):
    return " ".join(label.replace("&", "").removesuffix("…").split())


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


def test_the_walk_finds_commands_and_those_in_groups():
    found = set(commands())
    assert {"photoclust", "photoclust scan", "photoclust folders remove"} <= found
    assert "photoclust model" not in found
    assert "photoclust bench window" not in found


def test_every_command_is_in_the_topic_of_all_commands_and_in_another(language):
    for command in set(commands()) - {"photoclust"}:
        told = {
            topic.name
            for topic in guide.topics(language)
            if any(code == command or code.startswith(f"{command} ") for code in codes(topic))
        }
        assert "commands" in told, f"{command} is not in the topic “commands”"
        assert len(told) > 1 or command == "photoclust help", f"no topic explains {command}"


def test_no_command_is_told_that_is_not_there(language):
    known = set(commands())
    for topic in guide.topics(language):
        for code in codes(topic):
            if code.startswith("photoclust ") and not re.match("photoclust [A-ZÄÖÜ-]", code):
                words = code.split()
                beginnings = {" ".join(words[:count]) for count in (2, 3)}
                assert beginnings & known, (topic.name, code)


def test_every_option_that_is_told_is_there(language):
    known = {"--help", *(option for each in parameters() for option in each)}
    for topic in guide.topics(language):
        for code in codes(topic):
            for option in re.findall(r"(?<!\S)--[a-z][a-z-]*", code):
                assert option in known, (topic.name, code)


def parameters(command=None):
    command = command or typer.main.get_command(app)
    yield from (each.opts for each in command.params)
    for each in getattr(command, "commands", {}).values():
        yield from parameters(each)


def test_every_setting_is_in_the_topic_of_settings(language):
    rows = [row for row in guide.read(language, "settings").text.splitlines() if row[:1] == "|"]
    told = [re.split(r" *\| *", row)[2].strip("`") for row in rows]
    for setting in fields(Settings):
        assert told.count(setting.name) == 1, setting.name


def test_every_language_has_every_topic_in_the_same_parts(repository):
    folder = repository / "resources" / "help"
    assert {path.name for path in folder.iterdir()} == set(LANGUAGES)
    for language in LANGUAGES:
        files = {path.name for path in (folder / language).iterdir()}
        assert files == {f"{name}.md" for name in guide.TOPICS}
        for topic, other in zip(guide.topics(CODE), guide.topics(language), strict=True):
            assert headings(topic) == headings(other), (language, topic.name)
            assert len(guide.links(topic)) == len(guide.links(other)), (language, topic.name)


def test_every_topic_is_told_apart(language):
    topics = guide.topics(language)
    words = [word for topic in topics for word in (topic.name, *topic.also)]
    doubled = {word for word in words if words.count(word) > 1}
    assert doubled == set()
    assert len({topic.title for topic in topics}) == len(topics)


def test_every_command_finds_a_topic(language):
    for command in set(commands()) - {"photoclust"}:
        assert guide.find(language, command.split()[1])


def test_every_link_leads_to_a_topic(language):
    linked = set()
    for topic in guide.topics(language):
        targets = re.findall(r"\]\((.*?)\)", topic.text)
        assert {target.removesuffix(".md") for target in targets} <= set(guide.TOPICS), topic.name
        assert all(target.endswith(".md") for target in targets), topic.name
        linked |= set(guide.links(topic)) - {topic.name}
    assert linked == set(guide.TOPICS)


def test_what_stands_in_bold_is_called_so_in_the_window(repository, language):
    known = set(labels(repository, language))
    for topic in guide.topics(language):
        for bold in BOLD.findall(topic.text):
            for word in " ".join(bold.split()).split(" → "):
                assert plain(word) in known, (topic.name, bold)


def test_every_search_that_is_told_can_be_read(language, speak):
    speak(language)
    rows = re.findall(r"^\| (`.*`) \|", guide.read(language, "searching").text, re.MULTILINE)
    searches = [code for row in rows for code in CODES.findall(row) if "photoclust" not in code]
    assert len(searches) > 15
    for search in searches:
        parse(search)
