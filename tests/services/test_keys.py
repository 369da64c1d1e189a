import pytest
from sqlalchemy import select

from photoclust.core.errors import UserError
from photoclust.services import deciding, naming
from photoclust.services.keys import parse_key, require, require_faces, require_people
from photoclust.store import cluster_table, schema
from photoclust.store.cluster_table import ClusterContent


@pytest.mark.parametrize(
    ("text", "parsed"), [("p7", ("p", 7)), (" G31 ", ("g", 31)), ("f9", ("f", 9))]
)
def test_ids_are_a_letter_and_a_number(text, parsed):
    assert parse_key(text) == parsed


@pytest.mark.parametrize(
    "text", ["", "7", "p", "p0", "p07", "p-1", "p7x", "x7", "p7 p8", "p١", "p" + "9" * 19, "Anna"]
)
def test_anything_else_is_refused_with_what_to_write(text):
    with pytest.raises(UserError, match="p7 for a person"):
        parse_key(text)


def test_only_the_kinds_asked_for_are_taken():
    with pytest.raises(UserError) as caught:
        parse_key("f9", "pg")
    assert "f9 for a face" not in str(caught.value)
    assert "g31 for a group" in str(caught.value)


# What there is


@pytest.fixture
def there(library, crowd):
    """The keys of a person, a group and a face."""
    (face,) = crowd.photos_of(1, 1)
    pair = crowd.photos_of(2, 2)
    with library.write() as tx:
        cluster_table.replace_clusters(tx, [ClusterContent(None, None, pair)])
        cluster = tx.execute(select(schema.cluster.c.id)).scalar_one()
    person = naming.name(library, f"f{face}", "Anna").person
    return f"p{person}", f"g{cluster}", f"f{face}"


def test_what_there_is_is_found(library, there):
    with library.read() as tx:
        for key in there:
            assert require(tx, key.upper()) == (key[0], int(key[1:]))


@pytest.mark.parametrize("key", ["p99", "g99", "f99", "p999999999999999999"])
def test_what_is_not_there_is_refused_by_its_key(library, there, key):
    with library.read() as tx, pytest.raises(UserError, match=f"there is no {key}"):
        require(tx, key)


def test_who_was_merged_away_is_not_there(library, there, crowd):
    person, group, _ = there
    other = naming.name(library, group, "Otto").person
    naming.name(library, f"p{other}", "Anna", into=int(person[1:]))
    with library.read() as tx, pytest.raises(UserError, match=f"there is no p{other}"):
        require(tx, f"p{other}")


def test_faces_come_in_the_order_asked_for_and_once(library, crowd):
    one, other = crowd.photos_of(1, 2)
    with library.read() as tx:
        asked = [f"f{other}", f"F{one} ", f"f{other}"]
        assert require_faces(tx, asked) == [other, one]
        with pytest.raises(UserError, match="there is no face f99"):
            require_faces(tx, [f"f{one}", "f99"])
        with pytest.raises(UserError, match="no face is named"):
            require_faces(tx, [])
        with pytest.raises(UserError, match="f9 for a face"):
            require_faces(tx, ["p1"])


# Names


def test_a_name_an_alias_or_an_id_means_people(library, crowd):
    (face,) = crowd.photos_of(1, 1)
    anna = naming.name(library, f"f{face}", "Anna Kournikova").person
    with library.read() as tx:
        for who in ("anna  KOURNIKOVA", f"p{anna}", f"P{anna}"):
            assert require_people(tx, who) == [anna]
        with pytest.raises(UserError, match="there is no p99"):
            require_people(tx, "p99")


def test_who_is_called_more_than_was_typed_is_told(library, crowd):
    people = {}
    for name in ("Anna Kournikova", "Anna Magnani", "Serena", "Anna Hid"):
        (face,) = crowd.photos_of(len(people) + 1, 1)
        people[name] = naming.name(library, f"f{face}", name).person
    deciding.hide(library, [f"p{people['Anna Hid']}"])

    def told(who):
        with library.read() as tx, pytest.raises(UserError) as caught:
            require_people(tx, who)
        return str(caught.value)

    kournikova, magnani = (
        f"{name} (p{people[name]})" for name in ("Anna Kournikova", "Anna Magnani")
    )
    nobody = "there is nobody called"
    assert told("kournikova") == f"{nobody} kournikova; did you mean {kournikova}?"
    assert told("Magna") == f"{nobody} Magna; did you mean {magnani}?"
    assert told("anna") == f"{nobody} anna; did you mean {kournikova}, {magnani}?"
    for who in ("Zoe", "", "hid"):
        assert told(who) == f"{nobody} {who}; photoclust people lists the names"
