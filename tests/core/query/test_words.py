"""Searches in the words of the language that is spoken, and in those of the code everywhere."""

import pytest

from photoclust.core.language import LANGUAGES
from photoclust.core.query.completing import typed_at
from photoclust.core.query.errors import QueryError
from photoclust.core.query.parser import as_written, parse
from photoclust.core.query.tree import Unnamed, Word
from photoclust.core.query.words import AND, KEYS, OR, UNNAMED, said, ways_to_say

SAME = [
    ("jahr:2019", "year:2019"),
    ("VOR:1950", "before:1950"),
    ("nach:2019-07", "after:2019-07"),
    ("ordner:italien", "folder:italien"),
    ("datei:img", "file:img"),
    ("gesichter:>4", "faces:>4"),
    ("gesichter: 2 .. 4", "faces: 2 .. 4"),
    ("qualität:<0.3", "quality:<0.3"),
    ("Qualitaet:<0.3", "quality:<0.3"),
    ("unbenannt", "unnamed"),
    ("Ohne  Namen", "unnamed"),
    ("-ohne namen", "-unnamed"),
    ("(anna oder ben) ohne namen", "(anna or ben) unnamed"),
    ("anna und ben", "anna and ben"),
    ("nur: anna und ben ohne namen", "only: anna and ben unnamed"),
    ("jahr:1920er", "year:1920s"),
    ("1920er", "1920s"),
]


def shape(node):
    """A tree as text without its places."""
    if hasattr(node, "parts"):
        return type(node).__name__, [shape(part) for part in node.parts]
    if hasattr(node, "part"):
        return type(node).__name__, shape(node.part)
    if hasattr(node, "words"):
        return type(node).__name__, [word.text for word in node.words]
    fields = {name: getattr(node, name) for name in node.__slots__ if name != "span"}
    return type(node).__name__, fields


@pytest.mark.parametrize(("german", "english"), SAME)
def test_in_german_both_are_understood(speak, german, english):
    wanted = shape(parse(english))
    speak("de")
    assert shape(parse(german)) == wanted
    assert shape(parse(english)) == wanted


def test_words_of_another_language_mean_nothing(speak):
    assert [part.text for part in parse("anna oder ben").parts] == ["anna", "oder", "ben"]
    with pytest.raises(QueryError):
        parse("jahr:2019")


def test_several_words_end_where_a_word_ends(speak):
    speak("de")
    assert [part.text for part in parse("ohne namenlos").parts] == ["ohne", "namenlos"]
    assert isinstance(parse("(ohne namen)"), Unnamed)
    node = parse("ohne namen")
    assert (node.span.start, node.span.end) == (0, 10)


def test_a_name_that_is_such_a_word_is_written_in_quotation_marks(speak):
    assert as_written("Oder") == "Oder"
    speak("de")
    for name in ("Oder", "Unbenannt", "Ohne Namen"):
        assert as_written(name) == f'"{name}"'
        assert parse(as_written(name)) == Word(name, parse(as_written(name)).span, quoted=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_word_of_its_own_for_each_thing(speak, language):
    speak(language)
    words = [said(word) for word in (*KEYS, UNNAMED, AND, OR)]
    assert len(set(words)) == len(words)
    assert all(word in ways_to_say(word) for word in KEYS)
    for key in KEYS:
        if key not in ("only", "faces", "quality"):
            parse(f"{said(key)}:2019")


def test_mistakes_are_told_in_the_words_of_the_reader(speak):
    speak("de")
    for text, words in [
        ("jar:2019", ["jahr:", "gesichter:", "nur:"]),
        ("year:", ["jahr:", "jahr:2019"]),
        ("vor:2018..2019", ["vor:", "vor:2019"]),
        ("nur:", ["nur:", "nur: anna"]),
        ("gesichter:", ["gesichter:", "gesichter:>4"]),
        ("ordner:", ["ordner:italien"]),
    ]:
        with pytest.raises(QueryError) as error:
            parse(text)
        for word in words:
            assert word in str(error.value), text


def test_what_stands_at_the_cursor_is_known_by_the_word_of_the_code(speak):
    speak("de")
    assert typed_at("ordner:it", 9).key == "folder"
    assert typed_at("nur: anna be", 12).key == "only"
    assert typed_at("anna oder be", 12).before == ()
