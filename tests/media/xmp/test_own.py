"""What photoclust adds to a region says the same when it comes back."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photoclust.media.xmp import own
from photoclust.media.xmp.own import FaceState, State

uids = st.uuids().map(str)
names = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=30).map(str.strip)
people = st.dictionaries(uids, names, max_size=3).map(lambda found: tuple(found.items()))


@given(
    st.builds(
        FaceState,
        state=st.sampled_from(State),
        person=uids,
        name=names.map(lambda name: name or None),
        hidden=st.booleans(),
        drawn=st.booleans(),
        rejected=people,
    )
)
def test_what_is_written_is_read_again(face):
    assert own.read_values(own.to_values(face)) == face


def test_a_face_that_is_nobodys_says_little():
    assert own.to_values(FaceState(State.NOT_A_FACE)) == {"State": "not-a-face"}


@pytest.mark.parametrize("values", [{}, {"State": "guessed"}, {"Person": str(uuid.uuid4())}])
def test_without_a_state_nothing_is_said(values):
    assert own.read_values(values) is None


def test_what_others_wrote_is_not_believed():
    read = own.read_values(
        {
            "State": " confirmed ",
            "Person": "nobody",
            "Name": "An\x1bna",
            "Hidden": "perhaps",
            "Rejected": f"x=y {uuid.UUID(int=7)}=A%20b {uuid.UUID(int=8)}=%07",
        }
    )
    assert read == FaceState(
        State.NO_NAME, rejected=((str(uuid.UUID(int=7)), "A b"), (str(uuid.UUID(int=8)), ""))
    )


def test_what_is_said_of_a_person_comes_back():
    face = FaceState(
        State.CONFIRMED,
        "11111111-1111-4111-8111-111111111111",
        aliases=("Oma & Opa", "Änne"),
        born="1923-05-01 00:00:00|month|",
        cover=True,
    )
    assert own.read_values(own.to_values(face)) == face
