"""The guide: topics are found by what users call them, words in all of them."""

import re

import pytest

from photoclust.core.errors import UserError
from photoclust.core.language import LANGUAGES
from photoclust.services import guide


@pytest.mark.parametrize(
    ("language", "wanted", "name"),
    [
        ("en", "naming", "naming"),
        ("en", "NAMING", "naming"),
        ("en", "Say who  people are", "naming"),
        ("en", "merge", "lookalikes"),
        ("en", "not-a-face", "correcting"),
        ("en", "batt", "speed"),
        ("de", "naming", "naming"),
        ("de", "rückgängig", "correcting"),
        ("de", "DSGVO", "privacy"),
        ("de", "merge", "lookalikes"),
    ],
)
def test_a_topic_is_found_by_name_title_or_another_word(language, wanted, name):
    assert guide.find(language, wanted).name == name


@pytest.mark.parametrize(
    ("wanted", "near"),
    [("nameing", "naming"), ("undoo", "correcting"), ("scaning", "scanning"), ("zip", "backup")],
)
def test_the_nearest_topics_are_told_of_one_that_is_not_there(wanted, near):
    assert near in guide.nearest("en", wanted)
    with pytest.raises(UserError, match=rf"no topic '{wanted}'; try photoclust help .*{near}"):
        guide.find("en", wanted)


@pytest.mark.parametrize("wanted", ["qqqq", "", "  "])
def test_where_nothing_is_near_all_topics_are_offered(wanted):
    with pytest.raises(UserError, match="photoclust help lists all of them"):
        guide.find("en", wanted)


def test_several_topics_that_begin_alike_are_all_offered():
    with pytest.raises(UserError, match="try photoclust help scanning, naming"):
        guide.find("en", "s")


def test_all_words_must_be_found_and_a_title_counts_most():
    hits = guide.search("en", "undo")
    assert hits[0].topic.name == "correcting"
    both = {hit.topic.name for hit in guide.search("en", "undo folder")}
    assert both < {hit.topic.name for hit in hits}
    assert guide.search("en", "undo zeppelin") == []
    assert guide.search("en", " ") == []


def test_words_are_found_without_case_and_accents():
    names = {hit.topic.name for hit in guide.search("de", "RUCKGANGIG")}
    assert names == {hit.topic.name for hit in guide.search("de", "rückgängig")}
    assert "correcting" in names


def test_an_excerpt_shows_the_words_and_no_marks():
    for hit in guide.search("en", "thumbnails"):
        assert "thumbnails" in hit.excerpt.lower()
        assert not re.search(r"\*\*|`|\]\(|\|", hit.excerpt), hit.excerpt
        assert len(hit.excerpt) < 90


def test_a_topic_that_is_found_by_another_word_alone_has_no_excerpt():
    (hit,) = guide.search("en", "gdpr")
    assert (hit.topic.name, hit.excerpt) == ("privacy", "")


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("Straße und Strasse", "strasse", ["Straße", "Strasse"]),
        ("Jörg JÖRG jorg", "jorg", ["Jörg", "JÖRG", "jorg"]),
        ("one two one", "two one", ["one", "two", "one"]),
        ("a.b", ".", ["."]),
        ("nothing", "", []),
    ],
)
def test_places_are_those_of_the_text_as_it_is(text, words, found):
    places = guide.places(text, words)
    assert [text[start : start + length] for start, length in places] == found


def test_a_link_tells_the_command_where_nothing_can_be_clicked():
    topic = guide.read("en", "naming")
    assert "review" in guide.links(topic)
    shown = guide.for_terminal(topic)
    assert "(`photoclust help review`)" in shown
    assert ".md" not in shown


def test_a_language_without_a_topic_shows_it_in_english():
    assert guide.read("xx", "naming") == guide.read("en", "naming")


def test_a_topic_that_cannot_be_is_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="etc"):
        guide.read("en", "../../etc/passwd")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_topic_begins_with_its_title_and_a_sentence(language):
    for topic in guide.topics(language):
        assert topic.text.startswith(f"# {topic.title}\n\n")
        assert "<!--" not in topic.text
        assert topic.also
