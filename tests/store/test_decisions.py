import pytest
from sqlalchemy import select

from photoclust.core.types import ModelId
from photoclust.store import decisions, people, schema
from photoclust.store import faces as face_store
from photoclust.store.decisions import Register, Subject

DATE = "1974-06-01 00:00:00|month|about"


@pytest.fixture
def there(library, maker, make_face, person):
    """A person, a face that was found, one that was drawn, and their photo."""
    photo = maker.photo()
    (found,) = maker.faces(photo, [make_face()])
    with library.write() as tx:
        size, model = (400, 300), ModelId("made-up")
        drawn = face_store.add_drawn_face(tx, photo, make_face((200, 0, 50, 50)), size, model)
        return person(tx), found, drawn, photo


def every_kind(there):
    """A register of each subject with a value."""
    someone, found, drawn, photo = there
    return {
        Register(Subject.PERSON, someone): 1,
        Register(Subject.NAME, someone): "Anna",
        Register(Subject.HIDDEN, someone): 1,
        Register(Subject.IDENTITY, drawn): someone,
        Register(Subject.REJECTION, found, someone): 1,
        Register(Subject.EXCLUDED, found): 1,
        Register(Subject.EXCLUDED, drawn): 0,
        Register(Subject.DATE, photo): DATE,
    }


def test_what_is_decided_is_told_and_can_be_taken_back(library, there):
    writes = every_kind(there)
    with library.write() as tx:
        alive = {Register(Subject.PERSON, there[0]): 1}
        assert decisions.everything(tx) == alive
        assert decisions.changed(tx, writes) == {
            register: value for register, value in writes.items() if register not in alive
        }
        decisions.apply(tx, writes)
        assert decisions.everything(tx) == writes
        assert decisions.changed(tx, writes) == {}
        decisions.apply(tx, dict.fromkeys(writes))
        assert decisions.everything(tx) == {}


def test_what_is_decided_is_seen_in_the_tables(library, there):
    someone, found, drawn, _ = there
    with library.write() as tx:
        decisions.apply(tx, every_kind(there))
        assert people.find_people(tx, "ANNA") == [someone]
        assert people.groups(tx) == []
        assert [group.id for group in people.groups(tx, hidden=True)] == [someone]
        assert people.faces_confirmed_as(tx, someone) == [drawn]
        assert people.rejections(tx) == [(found, someone)]
        assert [face.id for face in face_store.faces(tx)] == [drawn]
        assert tx.execute(select(schema.photo.c.dated)).all() == [(DATE,)]


def test_nothing_decided_leaves_a_face_to_where_it_comes_from(library, there):
    _, found, drawn, _ = there
    with library.write() as tx:
        for value in (1, 0, None):
            for face in (found, drawn):
                decisions.apply(tx, {Register(Subject.EXCLUDED, face): value})
        assert [face.id for face in face_store.faces(tx)] == [found]
        assert [face.excluded for face in face_store.faces(tx, ids=[drawn])] == [True]


def test_clearing_leaves_ids_and_facts(library, there):
    someone, found, drawn, _ = there
    with library.write() as tx:
        decisions.apply(tx, every_kind(there))
        decisions.clear(tx)
        assert decisions.everything(tx) == {}
        assert not people.person_exists(tx, someone)
        assert len(face_store.faces(tx, ids=[found, drawn])) == 2
        decisions.apply(tx, every_kind(there))
        assert decisions.everything(tx) == every_kind(there)


def test_a_face_has_one_identity_and_any_number_of_rejections(library, there, person):
    _, found, *_ = there
    with library.write() as tx:
        one, other = person(tx), person(tx)
        for someone in (one, other):
            decisions.apply(tx, {Register(Subject.IDENTITY, found): someone})
            decisions.apply(tx, {Register(Subject.REJECTION, found, someone): 1})
        decided = decisions.everything(tx)
        assert decided[Register(Subject.IDENTITY, found)] == other
        assert people.rejections(tx) == [(found, one), (found, other)]
        decisions.apply(tx, {Register(Subject.REJECTION, found, one): None})
        assert people.rejections(tx) == [(found, other)]


def test_more_registers_than_sqlite_can_bind_are_set_and_taken_back(
    library, maker, make_face, person
):
    photo = maker.photo()
    ids = maker.faces(photo, [make_face((i % 40 * 10, i // 40 * 10, 9, 9)) for i in range(1100)])
    with library.write() as tx:
        someone = person(tx)
        writes = {Register(Subject.IDENTITY, face): someone for face in ids}
        writes |= {Register(Subject.REJECTION, face, someone): 1 for face in ids}
        writes |= {Register(Subject.EXCLUDED, face): 1 for face in ids}
        decisions.apply(tx, writes)
        assert decisions.changed(tx, writes) == {}
        assert decisions.everything(tx).items() >= writes.items()
        decisions.apply(tx, dict.fromkeys(writes))
        assert decisions.everything(tx) == {Register(Subject.PERSON, someone): 1}


def test_only_registers_about_faces_name_faces(there):
    _, found, drawn, _ = there
    assert decisions.faces_of(every_kind(there)) == {found, drawn}
    about_others = (Subject.PERSON, Subject.NAME, Subject.HIDDEN, Subject.DATE)
    registers = [Register(subject, number) for subject in about_others for number in there]
    assert decisions.faces_of(registers) == set()
