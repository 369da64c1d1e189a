import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photoclust.core.folding import fold, spaced, spellings


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("jorg", "Jörg"),
        ("joerg", "Jörg"),
        ("JÖRG", "Jörg"),
        ("joerg", unicodedata.normalize("NFD", "Jörg")),
        ("strasse", "Straße"),
        ("lodz", "Łódź"),
        ("soren", "Søren"),
        ("soeren", "Søren"),
        ("aarhus", "Århus"),
        ("arhus", "Århus"),
        ("nunez", "Nuñez"),
        ("αλεξης", "Αλέξης"),
        ("алексеи", "Алексей"),
        ("דוד", "דָּוִד"),
        ("محمد", "مُحَمَّد"),
        ("istanbul", "İstanbul"),
        ("diyarbakir", "Diyarbakır"),
        ("nguyen", "Nguyễn"),
        ("anna", "An\u00adna\u200b"),
        ("🦄", "🦄"),
    ],
)
def test_accents_and_umlauts_are_forgiven(typed, written):
    assert set(spellings(typed)) & set(spellings(written))


@pytest.mark.parametrize(
    ("one", "other"),
    [("anna", "anne"), ("muller", "mueller"), ("कि", "कु"), ("か", "が"), ("กา", "กี")],
)
def test_letters_that_differ_stay_different(one, other):
    assert not set(spellings(one)) & set(spellings(other))


@given(st.text())
def test_what_is_folded_stays_as_it_is(text):
    once = fold(text)
    assert fold(once) == once
    assert fold(text) in spellings(text)


@given(st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]))))
def test_a_text_of_many_names_is_folded_as_each_of_them(names):
    """A mark at the beginning of a line has nothing to join."""
    lines = [f"x{name}x" for name in names]
    assert fold("\n".join(lines)).split("\n") == [fold(line) for line in lines] or not lines


def test_names_stand_between_spaces_without_punctuation():
    assert spaced("jean-luc o'brien\ndr. anna\n\n'nan' smith") == (
        " jean luc obrien \n dr anna \n \n nan smith "
    )
