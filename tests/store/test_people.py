import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from photoclust.core.errors import UserError
from photoclust.core.types import GroupKind, LibraryChanges, PersonId
from photoclust.store import faces as face_store
from photoclust.store import people, schema
from photoclust.store.people import ClusterContent

# Names


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
def test_case_and_unicode_form_make_no_new_people(library, one, other):
    assert people.name_key(one) == people.name_key(other)
    with library.write() as tx:
        person = people.add_person(tx, one)
        assert people.find_people(tx, other) == [person]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Anna", "Hanna"), ("José", "Jose"), ("Anna Schmidt", "AnnaSchmidt"), ("Иван", "Ivan")],
)
def test_different_names_are_different_people(one, other):
    assert people.name_key(one) != people.name_key(other)


@given(st.text(max_size=60))
def test_a_name_means_the_same_in_every_form_and_however_often_it_is_cleaned(text):
    try:
        cleaned = people.clean_name(text)
    except UserError:
        return
    assert people.clean_name(cleaned) == cleaned
    for form in ("NFC", "NFD"):
        assert people.name_key(unicodedata.normalize(form, cleaned)) == people.name_key(cleaned)
    assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in cleaned)


def test_a_name_is_kept_as_it_was_written():
    assert people.clean_name("  Jose\u0301\tMcDonald\x00 ") == "Jos\u00e9 McDonald"


@pytest.mark.parametrize("name", ["", "   ", "\n\t", "\x00", "\u200b", "\u200b \u2060", "\udcff"])
def test_a_name_that_nobody_can_see_is_refused(name):
    with pytest.raises(UserError, match="empty"):
        people.clean_name(name)


def test_a_name_has_a_limit():
    assert people.clean_name("x" * people.MAX_NAME_LENGTH)
    with pytest.raises(UserError, match="longer than 200"):
        people.clean_name("x" * (people.MAX_NAME_LENGTH + 1))


def test_two_people_may_share_a_name(library):
    with library.write() as tx:
        one, other = people.add_person(tx, "Anna"), people.add_person(tx, "ANNA")
        assert people.find_people(tx, "anna") == [one, other]
        people.rename_person(tx, one, "Berta")
        assert people.find_people(tx, "anna") == [other]
        assert people.find_people(tx, "berta") == [one]
        assert people.person_name(tx, one) == "Berta"
        assert people.person_name(tx, PersonId(99)) is None


# Decisions


def shown(tx):
    return {face.id: (face.person, face.confirmed) for face in face_store.faces(tx)}


def reject(tx, face, person):
    tx.execute(insert(schema.decision).values(face_id=face, person_id=person, confirmed=False))
    people.refresh(tx, [face])


def cluster_of(tx, faces, person=None, cluster=None):
    """Make `faces` the only group; its id."""
    people.replace_clusters(tx, [ClusterContent(cluster, person, faces)])
    return tx.execute(select(schema.cluster.c.id)).scalar_one()


def verdicts(tx):
    rows = tx.execute(select(schema.decision))
    return {(row.face_id, row.person_id): row.confirmed for row in rows}


def test_confirming_moves_a_face_from_one_person_to_another(library, maker):
    one, other = maker.new_faces(2)
    with library.write() as tx:
        anna, otto = people.add_person(tx, "Anna"), people.add_person(tx, "Otto")
        people.confirm(tx, [one, other], anna)
        changes = people.confirm(tx, [one], otto)
        assert shown(tx) == {one: (otto, True), other: (anna, True)}
        assert changes.faces == {one}
        assert changes.people == {anna, otto}


def test_confirming_takes_a_rejection_back(library, maker):
    (face,) = maker.new_faces(1)
    with library.write() as tx:
        anna = people.add_person(tx, "Anna")
        reject(tx, face, anna)
        people.confirm(tx, [face], anna)
        assert shown(tx) == {face: (anna, True)}
        assert verdicts(tx) == {(face, anna): True}


def test_more_faces_than_sqlite_can_bind_are_confirmed(library, maker, make_face):
    photo = maker.photo()
    faces = maker.faces(photo, [make_face((i % 40 * 10, i // 40 * 10, 9, 9)) for i in range(1100)])
    with library.write() as tx:
        anna = people.add_person(tx, "Anna")
        assert len(people.confirm(tx, faces, anna).faces) == 1100
        assert set(shown(tx).values()) == {(anna, True)}


def test_a_group_shows_its_person_save_for_who_was_rejected_or_decided(library, maker):
    plain, rejected, decided = faces = maker.new_faces(3)
    with library.write() as tx:
        anna, otto = people.add_person(tx, "Anna"), people.add_person(tx, "Otto")
        reject(tx, rejected, anna)
        people.confirm(tx, [decided], otto)
        cluster_of(tx, faces, person=anna)
        assert shown(tx) == {
            plain: (anna, False),
            rejected: (None, False),
            decided: (otto, True),
        }


def test_naming_a_group_confirms_all_but_rejected_and_decided_faces(library, maker):
    plain, rejected, decided, outside = maker.new_faces(4)
    with library.write() as tx:
        anna, otto = people.add_person(tx, "Anna"), people.add_person(tx, "Otto")
        reject(tx, rejected, anna)
        people.confirm(tx, [decided], otto)
        cluster = cluster_of(tx, [plain, rejected, decided])
        changes = people.name_cluster(tx, cluster, anna)
        assert shown(tx) == {
            plain: (anna, True),
            rejected: (None, False),
            decided: (otto, True),
            outside: (None, False),
        }
        assert changes.faces == {plain}
        assert changes.people == {anna}
        assert changes.clusters == {cluster}


def test_naming_what_is_left_of_a_group_leaves_its_persons_faces_alone(library, maker):
    guessed, rejected = maker.new_faces(2)
    with library.write() as tx:
        anna, otto = people.add_person(tx, "Anna"), people.add_person(tx, "Otto")
        reject(tx, rejected, anna)
        cluster = cluster_of(tx, [guessed, rejected], person=anna)
        people.name_cluster(tx, cluster, otto)
        assert shown(tx) == {guessed: (anna, False), rejected: (otto, True)}


def test_merging_moves_everything_decided_and_guessed(library, maker):
    confirmed, guessed, rejected, both, kept = maker.new_faces(5)
    with library.write() as tx:
        source, target = people.add_person(tx, "Ann"), people.add_person(tx, "Anna")
        third = people.add_person(tx, "Otto")
        people.confirm(tx, [confirmed, both], source)
        reject(tx, both, target)  # said no to Anna, yes to Ann: the yes counts
        people.confirm(tx, [kept], target)
        reject(tx, kept, source)
        reject(tx, rejected, source)
        cluster_of(tx, [guessed, rejected], person=source)
        changes = people.merge_people(tx, source, target)
        assert shown(tx) == {
            confirmed: (target, True),
            guessed: (target, False),
            rejected: (None, False),
            both: (target, True),
            kept: (target, True),
        }
        assert verdicts(tx)[rejected, target] is False
        assert people.person_name(tx, source) is None
        assert changes.people >= {source, target}
        assert {confirmed, guessed, both} <= changes.faces
        assert third not in changes.people
        assert tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_a_new_grouping_touches_no_decision(library, maker):
    one, other, third = maker.new_faces(3)
    with library.write() as tx:
        anna, otto = people.add_person(tx, "Anna"), people.add_person(tx, "Otto")
        people.confirm(tx, [one], anna)
        reject(tx, other, otto)
        before = verdicts(tx)
        cluster = cluster_of(tx, [one, other])
        assert cluster_of(tx, [one, other, third], person=otto, cluster=cluster) == cluster
        assert verdicts(tx) == before
        assert shown(tx) == {one: (anna, True), other: (None, False), third: (otto, False)}
        people.replace_clusters(tx, [])
        assert verdicts(tx) == before
        assert shown(tx) == {one: (anna, True), other: (None, False), third: (None, False)}
        assert tx.execute(select(schema.cluster)).all() == []


def test_rejections_are_told(library, maker):
    one, other = maker.new_faces(2)
    with library.write() as tx:
        anna = people.add_person(tx, "Anna")
        people.confirm(tx, [one], anna)
        reject(tx, other, anna)
        assert people.rejections(tx) == [(other, anna)]


# The list


def test_the_list_is_by_size_and_shows_the_best_face(library, maker, make_face):
    faces = []
    for quality in (0.2, 0.9, 0.4, 0.3, 0.8, 0.5):
        faces += maker.faces(maker.photo(), [make_face(quality=quality)])
    photo = maker.photo()
    twice = maker.faces(photo, [make_face(quality=0.1), make_face((200, 0, 60, 60), quality=0.7)])
    with library.write() as tx:
        anna, nobody = people.add_person(tx, "Anna"), people.add_person(tx, "Nobody")
        people.confirm(tx, [*twice, faces[0], faces[2]], anna)
        people.replace_clusters(
            tx, [ClusterContent(None, None, [faces[1], faces[3]]), ClusterContent(None, anna, [])]
        )
        listed = people.groups(tx)
        cluster = tx.execute(
            select(schema.cluster.c.id).where(schema.cluster.c.person_id.is_(None))
        ).scalar_one()
    assert [(g.kind, g.id, g.name, g.faces, g.photos, g.cover) for g in listed] == [
        (GroupKind.PERSON, anna, "Anna", 4, 3, twice[1]),
        (GroupKind.CLUSTER, cluster, None, 2, 2, faces[1]),
        (GroupKind.PERSON, nobody, "Nobody", 0, 0, None),
    ]


def test_an_empty_library_has_an_empty_list(library):
    with library.read() as tx:
        assert people.groups(tx) == []
        assert people.rejections(tx) == []


def test_there_are_only_the_groups_that_there_are(library, maker):
    faces = maker.new_faces(2)
    with library.write() as tx:
        cluster = cluster_of(tx, faces)
        assert people.cluster_exists(tx, cluster)
        assert not people.cluster_exists(tx, cluster + 1)


# Whatever happens in whatever order


FACES = 5
PLACES = st.integers(0, FACES - 1)
ACTS = st.one_of(
    st.tuples(st.just("confirm"), st.sets(PLACES, min_size=1), st.integers(0, 4)),
    st.tuples(st.just("reject"), PLACES, st.integers(0, 4)),
    st.tuples(st.just("name group"), st.integers(0, 4), st.integers(0, 4)),
    st.tuples(st.just("merge"), st.integers(0, 4), st.integers(0, 4)),
    # For each face a label (-1: alone), for each label a person (-1: nobody), and whether the
    # group takes over an id of the present ones.
    st.tuples(
        st.just("group"),
        st.lists(st.integers(-1, 2), min_size=FACES, max_size=FACES),
        st.lists(st.integers(-1, 4), min_size=3, max_size=3),
        st.booleans(),
    ),
)


class Model:
    """What must be true, kept in plain dictionaries: who was confirmed as whom, who is refused."""

    def __init__(self, tx, faces):
        self.tx, self.faces = tx, faces
        self.people = [people.add_person(tx, f"Person {number}") for number in range(3)]
        self.confirmed: dict[int, int] = {}
        self.rejected: set[tuple[int, int]] = set()
        self.members: dict[int, int] = {}
        self.cluster_person: dict[int, int | None] = {}

    def run(self, act):
        kind, *details = act
        getattr(self, kind.replace(" ", "_"))(*details)
        self.check()

    def person(self, number):
        return self.people[number % len(self.people)]

    def confirm(self, places, number):
        faces, person = [self.faces[place] for place in sorted(places)], self.person(number)
        people.confirm(self.tx, faces, person)
        for face in faces:
            self.confirmed[face] = person
            self.rejected.discard((face, person))

    def reject(self, place, number):
        face, person = self.faces[place], self.person(number)
        if self.confirmed.get(face) != person and (face, person) not in self.rejected:
            reject(self.tx, face, person)
            self.rejected.add((face, person))

    def name_group(self, place, number):
        if not self.cluster_person:
            return
        cluster = sorted(self.cluster_person)[place % len(self.cluster_person)]
        person = self.person(number)
        before = self.shown()
        people.name_cluster(self.tx, cluster, person)
        if self.cluster_person[cluster] is None:
            self.cluster_person[cluster] = person
        for face, home in self.members.items():
            free = before[face] in {None, person}
            undecided = face not in self.confirmed and (face, person) not in self.rejected
            if home == cluster and free and undecided:
                self.confirmed[face] = person

    def merge(self, one, other):
        source, target = self.person(one), self.person(other)
        if source == target:
            return
        people.merge_people(self.tx, source, target)
        self.people.remove(source)
        for face, person in self.confirmed.items():
            if person == source:
                self.confirmed[face] = target
        self.rejected = {
            (face, target if person == source else person) for face, person in self.rejected
        }
        self.rejected -= set(self.confirmed.items())
        for cluster, person in self.cluster_person.items():
            if person == source:
                self.cluster_person[cluster] = target

    def group(self, labels, owners, keep_ids):
        old = sorted(self.cluster_person)
        contents = []
        for label in sorted(set(labels) - {-1}):
            owner = None if owners[label] < 0 else self.person(owners[label])
            kept = old.pop() if keep_ids and old else None
            faces = [face for face, own in zip(self.faces, labels, strict=True) if own == label]
            contents.append(ClusterContent(kept, owner, faces))
        people.replace_clusters(self.tx, contents)
        rows = self.tx.execute(select(schema.face.c.id, schema.face.c.cluster_id)).all()
        self.members = {row.id: row.cluster_id for row in rows if row.cluster_id is not None}
        self.cluster_person = {
            self.members[content.faces[0]]: content.person for content in contents
        }
        for content in contents:
            homes = {self.members[face] for face in content.faces}
            assert len(homes) == 1
            assert content.id is None or homes == {content.id}

    def shown(self):
        result = {}
        for face in self.faces:
            guess = self.cluster_person.get(self.members.get(face, -1))
            if (face, guess) in self.rejected:
                guess = None
            result[face] = self.confirmed.get(face, guess)
        return result

    def check(self):
        expected = {face: (person, face in self.confirmed) for face, person in self.shown().items()}
        assert shown(self.tx) == expected
        assert set(people.rejections(self.tx)) == self.rejected
        assert self.tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        counted = {group.key: group.faces for group in people.groups(self.tx)}
        assert sum(counted.values()) <= FACES


@settings(
    max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(acts=st.lists(ACTS, max_size=12))
def test_no_face_changes_person_but_by_an_act(library, maker, acts):
    with library.read() as tx:
        faces = sorted(shown(tx))
    faces = faces or maker.new_faces(FACES)
    with library.write() as tx:
        model = Model(tx, faces)
        for act in acts:
            model.run(act)
        tx.rollback()


def test_an_act_on_nothing_changes_nothing(library):
    with library.write() as tx:
        anna = people.add_person(tx, "Anna")
        assert people.confirm(tx, [], anna) == LibraryChanges()
        assert people.refresh(tx, []) == LibraryChanges()
