from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from photoclust.core.errors import UserError
from photoclust.core.query.errors import QueryError, Span
from photoclust.core.query.parser import MAX_DEPTH, MAX_LENGTH, as_written, parse
from photoclust.core.query.tree import (
    And,
    Bounds,
    FaceCount,
    Not,
    OnlyWords,
    Or,
    Place,
    Quality,
    Taken,
    Unnamed,
    Word,
    leaves,
)


def plain(node):  # noqa: PLR0911 - one for each kind of node
    """A tree as nested tuples, without places."""
    match node:
        case And(parts):
            return ("and", *map(plain, parts))
        case Or(parts):
            return ("or", *map(plain, parts))
        case Not(part):
            return ("not", plain(part))
        case Word(text, _, quoted):
            return f'"{text}"' if quoted else text
        case OnlyWords(words):
            return ("only", *map(plain, words))
        case Place(text, where):
            return (str(where), text)
        case Taken(first, end):
            return ("taken", day(first), day(end))
        case FaceCount(bounds):
            return ("faces", bounds)
        case Quality(bounds):
            return ("quality", bounds)
        case Unnamed():
            return ("unnamed",)
    raise AssertionError(node)


def day(moment):
    return moment and f"{moment:%Y-%m-%d}"


YEAR = ("taken", "2019-01-01", "2020-01-01")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", ("and",)),
        ("  \t\n", ("and",)),
        ("anna", "anna"),
        ("anna ben", ("and", "anna", "ben")),
        ("anna and ben", ("and", "anna", "ben")),
        ("anna, ben", ("and", "anna", "ben")),
        ("anna or ben", ("or", "anna", "ben")),
        ("anna OR ben", ("or", "anna", "ben")),
        ("anna ben or carl dora", ("or", ("and", "anna", "ben"), ("and", "carl", "dora"))),
        ("a or b or c", ("or", "a", "b", "c")),
        ("anna -ben", ("and", "anna", ("not", "ben"))),
        ("-ben", ("not", "ben")),
        ("anna-maria", "anna-maria"),
        ("(anna or ben) italy", ("and", ("or", "anna", "ben"), "italy")),
        ("-(anna or ben)", ("not", ("or", "anna", "ben"))),
        ("-(-anna)", ("not", ("not", "anna"))),
        ("((anna))", "anna"),
        ('"Anna Maria"', '"Anna Maria"'),
        ("“Anna  Maria”-„Ben“", ("and", '"Anna Maria"', ("not", '"Ben"'))),
        ('"or" "unnamed" "only:"', ("and", '"or"', '"unnamed"', '"only:"')),
        ("only: anna ben", ("only", "anna", "ben")),
        ("only:anna", ("only", "anna")),
        ("Only: anna, and ben", ("only", "anna", "ben")),
        ('only: "Anna Maria" ben', ("only", '"Anna Maria"', "ben")),
        ("only: anna 2019", ("and", ("only", "anna"), YEAR)),
        ("only: anna -2019 italy", ("and", ("only", "anna"), ("not", YEAR), "italy")),
        ("only: anna unnamed", ("and", ("only", "anna"), ("unnamed",))),
        ("(only: anna) or only: ben", ("or", ("only", "anna"), ("only", "ben"))),
        ("unnamed", ("unnamed",)),
        ("-Unnamed", ("not", ("unnamed",))),
        ("year:2019", YEAR),
        ("YEAR: 2019", YEAR),
        ("2019", YEAR),
        ("2019-02", ("taken", "2019-02-01", "2019-03-01")),
        ("2019-2", ("taken", "2019-02-01", "2019-03-01")),
        ("2019-12-31", ("taken", "2019-12-31", "2020-01-01")),
        ("1920s", ("taken", "1920-01-01", "1930-01-01")),
        ("year:1920s..1940s", ("taken", "1920-01-01", "1950-01-01")),
        ("2018..2021", ("taken", "2018-01-01", "2022-01-01")),
        ("2018 .. 2021", ("taken", "2018-01-01", "2022-01-01")),
        ("2018.. 2021", ("taken", "2018-01-01", "2022-01-01")),
        ("2018 ..2021", ("taken", "2018-01-01", "2022-01-01")),
        ("year: 2018 .. 2021", ("taken", "2018-01-01", "2022-01-01")),
        ("2019-07..2019-09", ("taken", "2019-07-01", "2019-10-01")),
        ("2018..", ("taken", "2018-01-01", None)),
        ("..2021", ("taken", None, "2022-01-01")),
        ("2018.. anna", ("and", ("taken", "2018-01-01", None), "anna")),
        ("-2018..2021", ("not", ("taken", "2018-01-01", "2022-01-01"))),
        ("before:1950", ("taken", None, "1950-01-01")),
        ("after:1950", ("taken", "1951-01-01", None)),
        ("after:2019-07", ("taken", "2019-08-01", None)),
        ("faces:4", ("faces", Bounds(4, 4))),
        ("faces:=4", ("faces", Bounds(4, 4))),
        ("faces:>4", ("faces", Bounds(low=4, low_open=True))),
        ("faces: > 4", ("faces", Bounds(low=4, low_open=True))),
        ("faces:>=4", ("faces", Bounds(low=4))),
        ("faces:<3", ("faces", Bounds(high=3, high_open=True))),
        ("faces:2..4", ("faces", Bounds(2, 4))),
        ("faces:2 .. 4", ("faces", Bounds(2, 4))),
        ("faces:2..", ("faces", Bounds(low=2))),
        ("quality:<0.3", ("quality", Bounds(high=0.3, high_open=True))),
        ("quality:<=.3", None),
        ("folder:italy", ("folder", "italy")),
        ('folder:"Italy 2019"', ("folder", "Italy 2019")),
        ("folder: 2019", ("folder", "2019")),
        ("file:img_12", ("file", "img_12")),
        # Words that only look like something else.
        ("2019-13", "2019-13"),
        ("2019-holidays", "2019-holidays"),
        ("1234", "1234"),
        ("a..b", "a..b"),
        ("..", ".."),
        ("14:30", "14:30"),
        (r"C:\photos", r"C:\photos"),
        ("100%", "100%"),
        ("יוסף 🦄", ("and", "יוסף", "🦄")),
    ],
)
def test_a_search_is_read(text, tree):
    if tree is None:
        with pytest.raises(QueryError):
            parse(text)
    else:
        assert plain(parse(text)) == tree


@pytest.mark.parametrize(
    ("text", "wrong", "said"),
    [
        ("-", "-", "a minus leaves out what stands right behind it"),
        ("anna - ben", "-", "write it like -ben"),
        ("--ben", "-", "a minus"),
        ("-)", "-", "a minus"),
        ("-or", "or", "none before it"),
        ('anna "ben', '"', "not closed"),
        ("anna (ben", "(", "not closed"),
        ("(", "(", "not closed"),
        ("anna) ben", ")", "no opening bracket"),
        (")", ")", "no opening bracket"),
        ("anna ()", "()", "nothing between"),
        ('""', '""', "nothing to look for"),
        ('anna "\u200b"', '"\u200b"', "nothing to look for"),
        ("anna or", "or", "something is missing"),
        ("(anna or) ben", "or", "something is missing"),
        ("anna or or ben", "or", "something is missing"),
        ("or anna", "or", "none before it"),
        ("anna and", "and", "something is missing"),
        ("year:abcd", "abcd", "write a time like 2019"),
        ("year:", "year:", "a time, such as year:2019"),
        ("before: -anna", "before:", "a time, such as before:2019"),
        ("year:2019-13", "2019-13", "in no calendar"),
        ("year:0000", "0000", "in no calendar"),
        ("2021..2018", "2021..2018", "write 2018..2021"),
        ("2018..abc", "2018..abc", "write a time like"),
        ("year:..", "..", "a time on one side"),
        ("before:2018..2019", "2018..2019", "takes one time"),
        ("faces:>", ">", "write a number"),
        ("faces:many", "many", "write a number"),
        ("faces:..", "..", "write a number"),
        ("faces:4..2", "4..2", "write 2..4"),
        ("anna faces:", "faces:", "a number"),
        ("quality:-1", "quality:", "a number from 0 to 1"),
        ("folder:", "folder:", "a part of its name"),
        ("only:", "only:", "names, such as"),
        ("only: (anna)", "only:", "names, such as"),
        ("only: -anna", "only:", "names, such as"),
        ("anna fodler:italy", "fodler:", "there are year:, before:"),
    ],
)
def test_an_error_points_at_what_is_wrong(text, wrong, said):
    with pytest.raises(QueryError, match=said) as caught:
        parse(text)
    error = caught.value
    assert isinstance(error, UserError)
    assert error.text[error.span.start : error.span.end] == wrong
    assert "\n" not in str(error)


def test_places_are_those_in_the_text():
    text = '  anna -"Ben A"  (year: 2018 .. 2021 or only: x y)'
    spans = [text[leaf.span.start : leaf.span.end] for leaf in leaves(parse(text))]
    assert spans == ["anna", '"Ben A"', "year: 2018 .. 2021", "only: x y"]
    whole = parse(text)
    assert whole.span == Span(2, len(text) - 1)
    assert whole.parts[1].span == Span(7, 15)


def test_too_long_and_too_deep_searches_are_refused_with_a_sentence():
    assert parse("x" * MAX_LENGTH)
    with pytest.raises(QueryError, match="longer than 1000 characters"):
        parse("a " * 5000)
    for opening in ("(", "-("):
        assert parse(
            opening * (MAX_DEPTH // len(opening)) + "a" + ")" * (MAX_DEPTH // len(opening))
        )
        with pytest.raises(QueryError, match="more than 20 deep"):
            parse(opening * 400)


def test_a_time_reaches_to_the_end_of_the_calendar():
    assert parse("year:9999").end == datetime(9999, 12, 31)  # noqa: DTZ001 - local times
    assert parse("year:0001").first == datetime(1, 1, 1)  # noqa: DTZ001


@given(st.text(max_size=60) | st.text('abor-"():,.<>=2019 ', max_size=40))
@example("only:-")
@example('a"')
def test_any_text_is_a_search_or_a_sentence(text):
    try:
        tree = parse(text)
    except QueryError as caught:
        error = caught
    else:
        error = None
    if error:
        assert 0 <= error.span.start <= error.span.end <= len(text)
        first, second = error.pointed().split("\n")
        assert "^" in second
        assert first.startswith("  ")
    else:
        assert all(0 <= leaf.span.start < leaf.span.end <= len(text) for leaf in leaves(tree))


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30))
def test_a_name_is_written_so_that_it_is_one_word(name):
    text = as_written(name)
    try:
        node = parse(text)
    except QueryError:
        return  # nothing to look for: only marks and spaces
    assert isinstance(node, Word)
    assert node.text == " ".join(name.translate(str.maketrans('"“”„', "''''")).split())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Anna", "Anna"),
        ("Anna Maria", '"Anna Maria"'),
        ("or", '"or"'),
        ("unnamed", '"unnamed"'),
        ("2019", '"2019"'),
        ("-x", '"-x"'),
        ('Anna "Nan" Lee', "\"Anna 'Nan' Lee\""),
    ],
)
def test_quotation_marks_stand_where_they_must(name, text):
    assert as_written(name) == text
