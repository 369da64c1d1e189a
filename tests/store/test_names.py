import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photoclust.core.errors import UserError
from photoclust.store import people
from photoclust.store.names import MAX_NAME_LENGTH, clean_name, in_order, name_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna", "anna"),
        ("Anna", "ANNA"),
        ("  Anna   Schmidt\n", "Anna Schmidt"),
        ("Anna\u00a0Schmidt", "Anna Schmidt"),
        ("Jos\u00e9", "Jose\u0301"),
        ("Jos\u00e9", "JOSE\u0301"),
        ("Weiß", "WEISS"),
        ("Weiß", "weiss"),
        ("Weiß", "WEIẞ"),
        ("ﬁona", "Fiona"),
        ("Ａnna", "Anna"),
        ("İrem", "I\u0307rem"),
        ("İrem", "i\u0307rem"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("Anna\u200b", "Anna"),
        ("\u200eAnna\ufeff", "Anna"),
        ("한글", unicodedata.normalize("NFD", "한글")),
    ],
)
def test_case_and_unicode_form_make_no_new_people(library, person, one, other):
    assert name_key(one) == name_key(other)
    with library.write() as tx:
        made = person(tx, one)
        assert people.find_people(tx, other) == [made]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Anna", "Hanna"), ("José", "Jose"), ("Anna Schmidt", "AnnaSchmidt"), ("Иван", "Ivan")],
)
def test_different_names_are_different_people(one, other):
    assert name_key(one) != name_key(other)


@given(st.text(max_size=60))
def test_a_name_means_the_same_in_every_form_and_however_often_it_is_cleaned(text):
    try:
        cleaned = clean_name(text)
    except UserError:
        return
    assert clean_name(cleaned) == cleaned
    for form in ("NFC", "NFD"):
        assert name_key(unicodedata.normalize(form, cleaned)) == name_key(cleaned)
    assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in cleaned)


def test_a_name_is_kept_as_it_was_written():
    assert clean_name("  Jose\u0301\tMcDonald\x00 ") == "Jos\u00e9 McDonald"


@pytest.mark.parametrize("name", ["", "   ", "\n\t", "\x00", "\u200b", "\u200b \u2060", "\udcff"])
def test_a_name_that_nobody_can_see_is_refused(name):
    with pytest.raises(UserError, match="empty"):
        clean_name(name)


def test_a_name_has_a_limit():
    assert clean_name("x" * MAX_NAME_LENGTH)
    with pytest.raises(UserError, match="longer than 200"):
        clean_name("x" * (MAX_NAME_LENGTH + 1))


@pytest.mark.parametrize(
    ("name", "turned"),
    [
        ("Spears, Britney", "Britney Spears"),
        ("von der Leyen,Ursula", "Ursula von der Leyen"),
        ("Britney Spears", "Britney Spears"),
        ("Last, First, Jr", "Last, First, Jr"),
        ("Spears,", "Spears,"),
        (", ", ", "),
    ],
)
def test_the_given_name_comes_first(name, turned):
    assert in_order(name) == turned
