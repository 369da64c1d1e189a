import pytest

from photoclust.core.query.completing import typed_at


@pytest.mark.parametrize(
    ("text", "word", "key", "replaced", "before"),
    [
        ("|", "", None, "", []),
        ("an|", "an", None, "an", []),
        ("an|na ben", "an", None, "anna", []),
        ("anna |", "", None, "", []),
        ("anna| ben", "anna", None, "anna", []),
        ("ben -an|", "an", None, "an", []),
        ("(an|", "an", None, "an", []),
        ("(an|)", "an", None, "an", []),
        ("anna ma|", "ma", None, "ma", ["anna"]),
        ("x or anna ma|", "ma", None, "ma", ["anna"]),
        ("anna, ma|", "ma", None, "ma", []),
        ("folder:it|", "it", "folder", "it", []),
        ("folder:|", "", "folder", "", []),
        ("folder: it|aly x", "it", "folder", "italy", []),
        ("folder:italy an|", "an", None, "an", []),
        ("year:20|", "20", "year", "20", []),
        ("year:2018..20|", "2018..20", "year", "2018..20", []),
        ("only: anna b|", "b", "only", "b", ["anna"]),
        ("only: anna |", "", "only", "", []),
        ("only: anna or b|", "b", None, "b", []),
        ('"Anna M|', "Anna M", None, '"Anna M', []),
        ('"Anna M|aria" x', "Anna M", None, '"Anna Maria"', []),
        ('only: "Anna M|', "Anna M", "only", '"Anna M', []),
        ('"Anna"|', "", None, "", []),
        ("foo:ba|", "foo:ba", None, "foo:ba", []),
        ("-|", "", None, "", []),
        (") an|", "an", None, "an", []),
    ],
)
def test_what_stands_at_the_cursor(text, word, key, replaced, before):
    cursor = text.index("|")
    text = text.replace("|", "")
    typed = typed_at(text, cursor)
    assert (typed.word, typed.key) == (word, key)
    assert text[typed.span.start : typed.span.end] == replaced
    assert [token.text for token in typed.before] == before


def test_a_cursor_that_is_nowhere_is_at_an_end():
    assert typed_at("anna", 99).word == "anna"
    assert typed_at("anna", -1).word == ""
