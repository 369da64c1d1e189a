import pytest

from photoclust.core.query.errors import QueryError
from photoclust.core.query.naming import KnownName, Names, understand
from photoclust.core.query.parser import parse
from photoclust.core.query.tree import And, Not, Only, Or, People, Place

NAMES = Names(
    [
        KnownName(1, "Anna"),
        KnownName(2, "Annette"),
        KnownName(3, "Anna Maria Schmidt"),
        KnownName(4, "Jörg Müller"),
        KnownName(5, "Jorg"),
        KnownName(6, "Jörg"),
        KnownName(7, "Ben"),
        KnownName(8, "Ben"),
        KnownName(9, "Berta", hidden=True),
        KnownName(2, "Netti", alias=True),
        KnownName(7, "Otto", alias=True),
        KnownName(10, "Otto"),
        KnownName(11, "Jean-Luc O'Brien"),
        KnownName(12, "or"),
        KnownName(13, "דָּוִד"),
        KnownName(14, "🦄"),
        KnownName(15, "50%"),
        KnownName(16, "Anna Bender"),
        KnownName(17, "Maria"),
        KnownName(18, "..."),
    ]
)


def meant(text):
    """What the words of `text` stand for: sets of ids, names of places, signs for the joins."""

    def plain(node):  # noqa: PLR0911
        match node:
            case People(people):
                return set(people)
            case Place(text):
                return text
            case Not(part):
                return ("not", plain(part))
            case Only(people):
                return ("only", *map(plain, people))
            case Or(parts):
                return ("or", *map(plain, parts))
            case And(parts):
                return [plain(part) for part in parts]
        return type(node).__name__

    return plain(understand(parse(text), NAMES, text))


@pytest.mark.parametrize(
    ("text", "people"),
    [
        # The whole name before a word of it, a word before the beginning of one.
        ("anna", {1}),
        ("ANNA", {1}),
        ("ann", {1, 2, 3, 16}),
        ("annet", {2}),
        ("schmidt", {3}),
        ("schm", {3}),
        ("mar", {3, 17}),
        ("nna", "nna"),
        ("bender", {16}),
        # As it is written before written alike.
        ("jörg", {6}),
        ("jorg", {5}),
        ("joerg", {6}),
        ("muller", {4}),
        ("mueller", {4}),
        ('"Jörg Müller"', {4}),
        ('"joerg muel"', {4}),
        ("דוד", {13}),
        ("🦄", {14}),
        ("50%", {15}),
        ("5_%", "5_%"),
        ('"or"', {12}),
        # Two of one name, told apart by their ids.
        ("ben", {7, 8}),
        ("p7", {7}),
        ("P8", {8}),
        ("p99", "p99"),
        # A name before an alias.
        ("netti", {2}),
        ("otto", {10}),
        # Hidden people by the whole name only.
        ("berta", {9}),
        ("bert", "bert"),
        # Punctuation does not matter.
        ("jean-luc", {11}),
        ("obrien", {11}),
        ("O’Brien", {11}),
        ('"jean luc obrien"', {11}),
        ("italy", "italy"),
        ("...", "..."),
    ],
)
def test_a_word_is_a_person_or_a_place(text, people):
    assert meant(text) == people


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("anna maria schmidt", [{3}]),
        ("anna maria", [{1}, {17}]),
        ("anna  maria\tschmidt ben", [{3}, {7, 8}]),
        ("anna maria schmid", [{1}, {17}, {3}]),
        ("anna ben", [{1}, {7, 8}]),
        ('anna "maria" schmidt', [{1}, {17}, {3}]),
        ("anna, maria schmidt", [{1}, {17}, {3}]),
        ("(anna) maria schmidt", [{1}, {17}, {3}]),
        ("-anna maria schmidt", [("not", {3})]),
        ("-(anna) maria", [("not", {1}), {17}]),
        ("jorg muller italy", [{4}, "italy"]),
        ("jean luc obrien", [{11}]),
        ("anna maria or anna maria schmidt", ("or", [{1}, {17}], [{3}])),
        ("only: anna maria schmidt ben", ("only", {3}, {7, 8})),
        ("only: ann", ("only", {1, 2, 3, 16})),
        ("2019 anna", ["Taken", {1}]),
        ("(anna or italy) -ben", [("or", {1}, "italy"), ("not", {7, 8})]),
    ],
)
def test_the_longest_name_wins(text, parts):
    assert meant(text) == parts


def test_a_name_that_nobody_has_behind_only_is_pointed_at():
    with pytest.raises(QueryError, match='nobody is called "italy"') as caught:
        meant("only: anna italy")
    assert (caught.value.span.start, caught.value.span.end) == (11, 16)


def test_a_library_without_names_knows_nobody():
    tree = understand(parse("anna"), Names([]), "anna")
    assert isinstance(tree, Place)
    assert Names([]).beginning("a") == []


def test_names_are_offered_by_the_beginning_of_their_words():
    assert [each.name for each in NAMES.beginning("mu")] == ["Jörg Müller"]
    assert [each.name for each in NAMES.beginning("anna ma")] == ["Anna Maria Schmidt"]
    assert [each.name for each in NAMES.beginning("bert")] == []
