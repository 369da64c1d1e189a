from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from photoclust.core.dates import DatePrecision, DateSource, PhotoDate
from photoclust.core.types import Group, GroupKind, LibraryChanges, PersonId
from photoclust.store import (
    cluster_table,
    decisions,
    guesses,
    journal,
    people,
    photo_dates,
    photos,
    schema,
)
from photoclust.store import faces as face_store
from photoclust.store.cluster_table import ClusterContent
from photoclust.store.journal import Act


def test_two_people_may_share_a_name(library, do, person):
    with library.write() as tx:
        one, other = person(tx, "Anna"), person(tx, "ANNA")
        assert people.find_people(tx, "anna") == [one, other]
        do(tx, people.rename, one, "Berta")
        assert people.find_people(tx, "anna") == [other]
        assert people.find_people(tx, "berta") == [one]
        assert people.person_name(tx, one) == "Berta"
        assert people.person_name(tx, PersonId(99)) is None


# Decisions


def shown(tx):
    return {face.id: (face.person, face.confirmed) for face in face_store.faces(tx)}


def cluster_of(tx, faces, person=None, cluster=None):
    """Make `faces` the only group; its id."""
    cluster_table.replace_clusters(tx, [ClusterContent(cluster, person, faces)])
    return tx.execute(select(schema.cluster.c.id)).scalar_one()


def verdicts(tx):
    """What was decided about faces: (face, person) → whether that is who it is."""
    rejected = dict.fromkeys(people.rejections(tx), False)
    confirmed = tx.execute(select(schema.confirmation)).all()
    return rejected | {(row.face_id, row.person_id): True for row in confirmed}


def test_confirming_moves_a_face_from_one_person_to_another(library, maker, do, person):
    one, other = maker.new_faces(2)
    with library.write() as tx:
        anna, otto = person(tx, "Anna"), person(tx, "Otto")
        do(tx, people.confirm, [one, other], anna)
        changes = do(tx, people.confirm, [one], otto)
        assert shown(tx) == {one: (otto, True), other: (anna, True)}
        assert changes.faces == {one}
        assert changes.people == {anna, otto}


def test_confirming_takes_a_rejection_back(library, maker, do, person):
    (face,) = maker.new_faces(1)
    with library.write() as tx:
        anna = person(tx, "Anna")
        do(tx, people.reject, [face], anna)
        do(tx, people.confirm, [face], anna)
        assert shown(tx) == {face: (anna, True)}
        assert verdicts(tx) == {(face, anna): True}


def test_more_faces_than_sqlite_can_bind_are_confirmed(library, maker, make_face, do, person):
    photo = maker.photo()
    faces = maker.faces(photo, [make_face((i % 40 * 10, i // 40 * 10, 9, 9)) for i in range(1100)])
    with library.write() as tx:
        anna = person(tx, "Anna")
        assert len(do(tx, people.confirm, faces, anna).faces) == 1100
        assert set(shown(tx).values()) == {(anna, True)}


def test_a_group_shows_its_person_save_for_who_was_rejected_or_decided(library, maker, do, person):
    plain, rejected, decided = faces = maker.new_faces(3)
    with library.write() as tx:
        anna, otto = person(tx, "Anna"), person(tx, "Otto")
        do(tx, people.reject, [rejected], anna)
        do(tx, people.confirm, [decided], otto)
        cluster_of(tx, faces, person=anna)
        assert shown(tx) == {
            plain: (anna, False),
            rejected: (None, False),
            decided: (otto, True),
        }


def test_naming_a_group_confirms_all_but_rejected_and_decided_faces(library, maker, do, person):
    plain, rejected, decided, outside = maker.new_faces(4)
    with library.write() as tx:
        anna, otto = person(tx, "Anna"), person(tx, "Otto")
        do(tx, people.reject, [rejected], anna)
        do(tx, people.confirm, [decided], otto)
        cluster = cluster_of(tx, [plain, rejected, decided])
        changes = do(tx, people.name_cluster, cluster, anna)
        assert shown(tx) == {
            plain: (anna, True),
            rejected: (None, False),
            decided: (otto, True),
            outside: (None, False),
        }
        # All that the group holds is looked at again, and whoever is shown in it.
        assert changes.faces == {plain, rejected, decided}
        assert changes.people == {anna, otto}
        assert changes.clusters == {cluster}


def test_naming_what_is_left_of_a_group_leaves_its_persons_faces_alone(library, maker, do, person):
    guessed, rejected = maker.new_faces(2)
    with library.write() as tx:
        anna, otto = person(tx, "Anna"), person(tx, "Otto")
        do(tx, people.reject, [rejected], anna)
        cluster = cluster_of(tx, [guessed, rejected], person=anna)
        do(tx, people.name_cluster, cluster, otto)
        assert shown(tx) == {guessed: (anna, False), rejected: (otto, True)}


def test_merging_moves_everything_decided_and_guessed(library, maker, do, person):
    confirmed, guessed, rejected, both, kept = maker.new_faces(5)
    with library.write() as tx:
        source, target = person(tx, "Ann"), person(tx, "Anna")
        third = person(tx, "Otto")
        do(tx, people.confirm, [confirmed, both], source)
        do(tx, people.reject, [both], target)  # said no to Anna, yes to Ann: the yes counts
        do(tx, people.confirm, [kept], target)
        do(tx, people.reject, [kept], source)
        do(tx, people.reject, [rejected], source)
        cluster_of(tx, [guessed, rejected], person=source)
        changes = do(tx, people.merge, source, target)
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


def test_a_new_grouping_touches_no_decision(library, maker, do, person):
    one, other, third = maker.new_faces(3)
    with library.write() as tx:
        anna, otto = person(tx, "Anna"), person(tx, "Otto")
        do(tx, people.confirm, [one], anna)
        do(tx, people.reject, [other], otto)
        before = verdicts(tx)
        cluster = cluster_of(tx, [one, other])
        assert cluster_of(tx, [one, other, third], person=otto, cluster=cluster) == cluster
        assert verdicts(tx) == before
        assert shown(tx) == {one: (anna, True), other: (None, False), third: (otto, False)}
        cluster_table.replace_clusters(tx, [])
        assert verdicts(tx) == before
        assert shown(tx) == {one: (anna, True), other: (None, False), third: (None, False)}
        assert tx.execute(select(schema.cluster)).all() == []


def test_rejections_are_told(library, maker, do, person):
    one, other = maker.new_faces(2)
    with library.write() as tx:
        anna = person(tx, "Anna")
        do(tx, people.confirm, [one], anna)
        do(tx, people.reject, [other], anna)
        assert people.rejections(tx) == [(other, anna)]


def test_who_ends_is_nobody_any_more_and_their_faces_are_free(library, maker, do, person):
    confirmed, guessed, rejected = maker.new_faces(3)
    with library.write() as tx:
        anna, otto = person(tx, "Anna"), person(tx, "Otto")
        do(tx, people.confirm, [confirmed], anna)
        do(tx, people.reject, [rejected], anna)
        cluster = cluster_of(tx, [guessed, rejected], person=anna)
        changes = do(tx, people.delete_person, anna)
        assert set(shown(tx).values()) == {(None, False)}
        assert changes.faces >= {confirmed, guessed}
        assert changes.people >= {anna}
        assert changes.clusters >= {cluster}
        assert not people.person_exists(tx, anna)
        assert people.person(tx, anna) is None
        assert people.find_people(tx, "Anna") == []
        assert [group.key for group in people.groups(tx)] == [f"g{cluster}", f"p{otto}"]
        assert person(tx, "Anna") > otto


def test_faces_split_from_a_person_never_join_them_again(library, maker, do, person):
    split, kept = maker.new_faces(2)
    with library.write() as tx:
        anna = person(tx, "Anna")
        do(tx, people.confirm, [split, kept], anna)
        act = Act(tx, "split")
        new = people.split(act, [split], [], anna)
        assert act.finish().people == {anna, new}
        assert people.person_name(tx, new) is None
        cluster_of(tx, [split, kept], person=anna)
        assert shown(tx) == {split: (new, True), kept: (anna, True)}
        do(tx, people.delete_person, new)
        assert shown(tx)[split] == (None, False)


def test_faces_split_from_a_group_keep_the_others_out(library, maker, do, person):
    split, *others = maker.new_faces(3)
    with library.write() as tx:
        cluster = cluster_of(tx, [split, *others])
        act = Act(tx, "split")
        new = people.split(act, [split], others, None)
        act.finish()
        assert shown(tx) == {split: (new, True), **dict.fromkeys(others, (None, False))}
        cluster_of(tx, [split, *others], person=new, cluster=cluster)
        assert shown(tx) == {split: (new, True), **dict.fromkeys(others, (None, False))}


def test_what_is_no_face_is_in_no_list_until_it_is_one(library, maker, do, person):
    confirmed, guessed, alone = faces = maker.new_faces(3)
    with library.write() as tx:
        anna = person(tx, "Anna")
        do(tx, people.confirm, [confirmed], anna)
        cluster = cluster_of(tx, [confirmed, guessed], person=anna)
        before = shown(tx), people.groups(tx)
        changes = do(tx, people.exclude, faces, True)
        assert changes.faces == set(faces)
        assert changes.people == {anna}
        assert shown(tx) == {}
        assert face_store.count(tx) == face_store.count_without_group(tx) == 0
        assert people.groups(tx) == [Group(anna, GroupKind.PERSON, "Anna", 0, 0, None)]
        assert people.faces_of_cluster(tx, cluster) == []
        assert [face.excluded for face in face_store.faces(tx, ids=[alone])] == [True]
        do(tx, people.exclude, faces, False)
        assert (shown(tx), people.groups(tx)) == before


def test_naming_a_group_leaves_out_what_is_no_face(library, maker, do, person):
    face, no_face = maker.new_faces(2)
    with library.write() as tx:
        cluster = cluster_of(tx, [face, no_face])
        do(tx, people.exclude, [no_face], True)
        anna = person(tx, "Anna")
        assert do(tx, people.name_cluster, cluster, anna).faces >= {face}
        assert verdicts(tx) == {(face, anna): True}


def test_hidden_people_have_a_list_of_their_own(library, maker, do, person):
    (face,) = maker.new_faces(1)
    with library.write() as tx:
        anna, otto = person(tx, "Anna"), person(tx, "Otto")
        do(tx, people.confirm, [face], anna)
        assert do(tx, people.hide, anna, True).people == {anna}
        assert [group.id for group in people.groups(tx)] == [otto]
        hidden = people.groups(tx, hidden=True)
        assert [(group.id, group.faces, group.cover) for group in hidden] == [(anna, 1, face)]
        assert people.person(tx, anna) == hidden[0]
        do(tx, people.hide, anna, False)
        assert [group.id for group in people.groups(tx)] == [anna, otto]
        assert people.groups(tx, hidden=True) == []


@pytest.mark.parametrize("names", [("Ann", None), (None, "Anna"), ("Ann", "Anna"), (None, None)])
def test_who_is_merged_keeps_the_name_there_is(library, do, person, names):
    with library.write() as tx:
        source, target = person(tx, names[0]), person(tx, names[1])
        do(tx, people.merge, source, target)
        aliases = ("Ann",) if all(names) else ()
        left = Group(target, GroupKind.PERSON, names[1] or names[0], 0, 0, None, aliases)
        assert people.person(tx, target) == left
        assert people.person(tx, source) is None
        # Somebody without a name and without a face is nobody.
        assert people.groups(tx) == ([left] if left.name else [])


def test_a_date_by_hand_is_that_of_the_photo_until_it_is_taken_back(library, maker, do):
    photo = maker.photo()
    with library.write() as tx:
        (before,) = photos.photos(tx, [photo])
        date = PhotoDate(datetime(1974, 6, 1), DatePrecision.MONTH, DateSource.HAND, about=True)  # noqa: DTZ001 - dates of photos know no time zone
        do(tx, people.set_date, [photo], photo_dates.date_text(date))
        assert photos.photos(tx, [photo])[0].date == date
        do(tx, people.set_date, [photo], None)
        assert photos.photos(tx, [photo]) == [before]


# The list


def test_the_list_is_by_size_and_shows_the_best_face(library, maker, make_face, do, person):
    faces = []
    for quality in (0.2, 0.9, 0.4, 0.3, 0.8, 0.5):
        faces += maker.faces(maker.photo(), [make_face(quality=quality)])
    photo = maker.photo()
    twice = maker.faces(photo, [make_face(quality=0.1), make_face((200, 0, 60, 60), quality=0.7)])
    with library.write() as tx:
        anna, nobody = person(tx, "Anna"), person(tx, "Nobody")
        do(tx, people.confirm, [*twice, faces[0], faces[2]], anna)
        cluster_table.replace_clusters(
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

    def __init__(self, tx, faces, persons, do):
        self.tx, self.faces, self.people, self.do = tx, faces, list(persons), do
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
        self.do(self.tx, people.confirm, faces, person)
        for face in faces:
            self.confirmed[face] = person
            self.rejected.discard((face, person))

    def reject(self, place, number):
        face, person = self.faces[place], self.person(number)
        if self.confirmed.get(face) != person and (face, person) not in self.rejected:
            self.do(self.tx, people.reject, [face], person)
            self.rejected.add((face, person))

    def name_group(self, place, number):
        if not self.cluster_person:
            return
        cluster = sorted(self.cluster_person)[place % len(self.cluster_person)]
        person = self.person(number)
        before = self.shown()
        self.do(self.tx, people.name_cluster, cluster, person)
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
        self.do(self.tx, people.merge, source, target)
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
        cluster_table.replace_clusters(self.tx, contents)
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

    def groups(self):
        """Key → faces and photos; every face of this test is in a photo of its own."""
        shown = self.shown()
        counted = {f"p{number}": 0 for number in self.people}
        for face, person in shown.items():
            if person is not None:
                counted[f"p{person}"] += 1
            elif face in self.members:
                key = f"g{self.members[face]}"
                counted[key] = counted.get(key, 0) + 1
        return {key: (count, count) for key, count in counted.items()}

    def check(self):
        expected = {face: (person, face in self.confirmed) for face, person in self.shown().items()}
        assert shown(self.tx) == expected
        assert set(people.rejections(self.tx)) == self.rejected
        listed = {group.key: (group.faces, group.photos) for group in people.groups(self.tx)}
        assert listed == self.groups()
        assert journal.standing(self.tx) == decisions.everything(self.tx)
        assert self.tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(acts=st.lists(ACTS, max_size=12))
def test_no_face_changes_person_but_by_an_act(library, maker, do, person, acts):
    with library.read() as tx:
        faces, persons = sorted(shown(tx)), sorted(group.id for group in people.groups(tx))
    if not faces:
        faces = maker.new_faces(FACES)
        with library.write() as tx:
            persons = [person(tx, f"Person {number}") for number in range(3)]
    with library.write() as tx:
        model = Model(tx, faces, persons, do)
        for act in acts:
            model.run(act)
        tx.rollback()


def test_an_act_on_nothing_changes_nothing(library, do, person):
    with library.write() as tx:
        anna = person(tx, "Anna")
        assert do(tx, people.confirm, [], anna) == LibraryChanges()
        assert guesses.refresh(tx, []) == LibraryChanges()
