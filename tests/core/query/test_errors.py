import pickle

import pytest

from photoclust.core.query.errors import QueryError, Span, quoted


@pytest.mark.parametrize(
    ("text", "span", "lines"),
    [
        ("anna year:abcd", Span(10, 14), ["  anna year:abcd", "            ^^^^"]),
        ("x", Span(1, 1), ["  x", "   ^"]),
        # What a terminal draws in two columns, or in none.
        ("山 a", Span(2, 3), ["  山 a", "     ^"]),
        ("e\u0301 a", Span(3, 4), ["  e\u0301 a", "    ^"]),
        ("a\tb\nc", Span(4, 5), ["  a b c", "      ^"]),
    ],
)
def test_carets_stand_below_what_is_wrong(text, span, lines):
    assert QueryError("wrong", text, span).pointed().split("\n") == lines


def test_of_a_long_search_only_the_part_around_is_shown():
    text = "a " * 300 + "wrong" + " b" * 300
    first, second = QueryError("wrong", text, Span(600, 605)).pointed().split("\n")
    assert len(first) < 140
    start = second.index("^")
    assert first[start : start + 5] == "wrong"
    assert len(QueryError("long", text, Span(0, 1000)).pointed()) < 300


def test_it_comes_through_a_pipe_as_it_was():
    error = QueryError("wrong", "anna", Span(1, 2))
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.text, copy.span) == ("wrong", "anna", Span(1, 2))


def test_long_words_are_shortened_in_sentences():
    assert quoted("anna") == '"anna"'
    assert quoted("a\x1b[2Jb") == '"a [2Jb"'
    assert len(quoted("x" * 1000)) < 70
