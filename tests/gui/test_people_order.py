"""Which people are listed, and in what order."""

from datetime import datetime

import pytest

from photoclust.core.dates import parse_date
from photoclust.core.types import ClusterId, Group, GroupKind
from photoclust.gui import people_text
from photoclust.gui.people_order import Order, arranged, called, called_like, next_unnamed

moment = datetime.fromisoformat


def group(number, faces=3, name=None, aliases=()):
    kind = GroupKind.PERSON if name else GroupKind.CLUSTER
    return Group(ClusterId(number), kind, name, faces, faces, None, tuple(aliases))


EVERYBODY = [
    group(1, 5),
    group(2, 2, "Zoë"),
    group(3, 9, "anna", ["Oma"]),
    group(4, 7),
    group(5, 2, "Marie Élise"),
]
SPANS = {
    "p2": (moment("2001-01-01"), moment("2020-05-01")),
    "p5": (moment("1990-01-01"), moment("2021-05-01")),
    "g1": (moment("2001-01-01"), moment("2002-05-01")),
}


@pytest.mark.parametrize(
    ("order", "numbers"),
    [
        (Order.COUNT, [3, 2, 5, 4, 1]),
        (Order.NAME, [3, 5, 2, 4, 1]),
        (Order.RECENT, [5, 2, 3, 1, 4]),
    ],
)
def test_people_come_before_groups_without_a_name(order, numbers):
    by_size = sorted(EVERYBODY, key=lambda group: -group.faces)
    assert [each.id for each in arranged(by_size, order, SPANS)] == numbers


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("", [1, 2, 3, 4, 5]),
        ("eli", [5]),
        ("ZOE", [2]),
        ("om", [3]),
        ("lise", []),
        ("  ", [1, 2, 3, 4, 5]),
    ],
)
def test_the_list_is_narrowed_by_beginnings_of_names_and_aliases(words, numbers):
    assert [each.id for each in called_like(EVERYBODY, words)] == numbers


def test_a_name_is_the_same_in_any_case_and_without_accents():
    assert [each.id for each in called(EVERYBODY, " zoe")] == [2]
    assert [each.id for each in called(EVERYBODY, "OMA")] == [3]
    assert called(EVERYBODY, "om") == []


def test_the_next_group_without_a_name_comes_round_again():
    listed = [group(1, name="A"), group(2), group(3, name="B"), group(4)]
    assert next_unnamed(listed, None).key == "g2"
    assert next_unnamed(listed, "g2").key == "g4"
    assert next_unnamed(listed, "g4").key == "g2"
    assert next_unnamed(listed, "g2", frozenset({"g4"})) is None
    assert next_unnamed(listed, "p3").key == "g4"
    assert next_unnamed([], "p3") is None


def test_years_and_headings():
    assert people_text.years(None) == ""
    assert people_text.years(SPANS["p2"]) == "2001–2020"
    assert people_text.years((moment("2001-01-01"), moment("2001-05-01"))) == "2001"
    assert people_text.year(None) == "Without a date"
    assert people_text.year(parse_date("1920s")) == "1920s"
    assert people_text.year(parse_date("about 1923")) == "about 1923"
    assert people_text.year(parse_date("May 1923")) == "1923"
