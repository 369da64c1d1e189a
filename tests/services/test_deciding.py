import pytest
from sqlalchemy import select

from photoclust.core.dates import DateSource, parse_date
from photoclust.core.errors import UserError
from photoclust.core.types import GroupKind
from photoclust.services import browse, deciding, grouping, history, naming
from photoclust.store import cluster_table, decisions, guesses, journal, schema
from photoclust.store.cluster_table import ClusterContent


@pytest.fixture
def album(library, crowd):
    """Groups of four and three faces, and a face in none: their keys and faces."""
    four, three, alone = crowd.photos_of(1, 4), crowd.photos_of(2, 3), crowd.photos_of(3, 1)
    with library.write() as tx:
        cluster_table.replace_clusters(
            tx, [ClusterContent(None, None, four), ClusterContent(None, None, three)]
        )
        first, second = tx.execute(select(schema.cluster.c.id)).scalars()
    return {f"g{first}": four, f"g{second}": three, f"f{alone[0]}": alone}


@pytest.fixture
def anna(library, album):
    """Anna, who is the group of four: her key, and her faces."""
    key, *_ = album
    return f"p{naming.name(library, key, 'Anna').person}", [f"f{face}" for face in album[key]]


def shown(library):
    return {f"f{face.id}": face.person for face in browse.faces(library)}


def everything(library):
    """What a user can see: who is shown for each face, and the lists."""
    faces = {face.id: (face.person, face.confirmed, face.cluster) for face in browse.faces(library)}
    return faces, browse.groups(library), browse.groups(library, hidden=True)


def journal_holds(library):
    with library.read() as tx:
        return journal.standing(tx) == decisions.everything(tx)


def undone_and_done_again(library, before):
    """An undo brings `before` back, a redo what was after it; the journal says the same."""
    after = everything(library)
    history.undo(library)
    assert everything(library) == before
    assert journal_holds(library)
    history.redo(library)
    assert everything(library) == after
    assert journal_holds(library)


def test_two_people_become_one(library, album, anna):
    _, second, _ = album
    otto = f"p{naming.name(library, second, 'Otto').person}"
    before = everything(library)
    merged = deciding.merge(library, otto, anna[0])
    assert merged.name == "Anna"
    assert {group.name: group.faces for group in browse.groups(library)} == {"Anna": 7}
    undone_and_done_again(library, before)


def test_two_groups_become_one(library, album):
    first, second, _ = album
    before = everything(library)
    merged = deciding.merge(library, first, second)
    undone_and_done_again(library, before)
    faces = {f"f{face}" for key in (first, second) for face in album[key]}
    assert {face for face, person in shown(library).items() if person == merged.person} == faces
    (group,) = browse.groups(library)
    assert (group.kind, group.name, group.faces) == (GroupKind.PERSON, None, 7)


def test_a_merged_group_is_named_like_any_other(library, album, anna):
    _, second, face = album
    moved = deciding.move(library, [face], second)
    named = naming.name(library, f"p{moved.person}", "anna")
    assert f"p{named.person}" == anna[0]
    assert {group.name for group in browse.groups(library)} == {"Anna"}


def test_what_is_the_same_cannot_be_merged(library, anna):
    with pytest.raises(UserError, match="the same"):
        deciding.merge(library, anna[0], anna[0])
    assert len(history.entries(library)) == 1


def test_faces_are_split_from_a_person(library, anna):
    key, faces = anna
    before = everything(library)
    new = deciding.split(library, faces[:2])
    undone_and_done_again(library, before)
    assert {face for face, person in shown(library).items() if person == new.person} == {*faces[:2]}
    assert browse.person(library, new.person).name is None
    assert browse.faces(library, key, limit=1, offset=1)[0].person == int(key[1:])


def test_faces_are_split_from_a_group(library, album):
    first, *_ = album
    faces = [f"f{face}" for face in album[first]]
    before = everything(library)
    new = deciding.split(library, faces[:2])
    undone_and_done_again(library, before)
    with_new = {face for face, person in shown(library).items() if person == new.person}
    assert with_new == {*faces[:2]}


def test_a_split_needs_faces_of_one_home_and_somebody_left(library, album, anna):
    _, second, alone = album
    stranger = f"f{album[second][0]}"
    with pytest.raises(UserError, match="not all of one person"):
        deciding.split(library, [anna[1][0], stranger])
    with pytest.raises(UserError, match="not all of one person"):
        deciding.split(library, [alone])
    with pytest.raises(UserError, match="nothing would be left"):
        deciding.split(library, anna[1])


def test_a_face_is_moved_to_somebody_else(library, album, anna):
    _, second, _ = album
    otto = naming.name(library, second, "Otto").person
    before = everything(library)
    deciding.move(library, [anna[1][0]], f"p{otto}")
    assert shown(library)[anna[1][0]] == otto
    undone_and_done_again(library, before)


def test_a_face_is_not_who_is_shown(library, anna):
    key, faces = anna
    before = everything(library)
    deciding.reject(library, [faces[0]])
    assert shown(library)[faces[0]] is None
    undone_and_done_again(library, before)
    assert all(shown(library)[face] == int(key[1:]) for face in faces[1:])


def test_guesses_are_confirmed_one_by_one_or_all(library, album, anna):
    key, _ = anna
    person = int(key[1:])
    _first, second, _ = album
    with library.write() as tx:
        cluster = int(second[1:])
        cluster_table.set_cluster_person(tx, cluster, person)
        guesses.refresh(tx, [], clusters=[cluster])
    guessed = [f"f{face}" for face in album[second]]
    before = everything(library)
    deciding.confirm(library, [guessed[0]])
    undone_and_done_again(library, before)
    deciding.confirm(library, [key])
    with library.read() as tx:
        confirmed = tx.execute(select(schema.confirmation.c.person_id)).scalars().all()
    assert confirmed == [person] * 7


def test_only_a_guess_can_be_confirmed_or_refused(library, album):
    *_, alone = album
    for decide in (deciding.confirm, deciding.reject):
        with pytest.raises(UserError, match="no person is shown"):
            decide(library, [alone])
    assert history.entries(library) == []


def test_hidden_groups_and_faces_are_out_of_sight(library, album):
    first, second, alone = album
    before = everything(library)
    deciding.hide(library, [first, alone])
    assert [group.key for group in browse.groups(library)] == [second]
    assert {group.faces for group in browse.groups(library, hidden=True)} == {4, 1}
    undone_and_done_again(library, before)
    largest = browse.groups(library, hidden=True)[0]
    deciding.hide(library, [largest.key], hidden=False)
    assert largest.key in {group.key for group in browse.groups(library)}


def test_what_is_no_face_is_seen_nowhere(library, album, anna):
    key, faces = anna
    before = everything(library)
    deciding.exclude(library, faces[:1])
    assert faces[0] not in shown(library)
    assert browse.person(library, int(key[1:])).faces == 3
    assert browse.overview(library).faces == 7
    undone_and_done_again(library, before)
    deciding.exclude(library, faces[:1], excluded=False)
    assert shown(library)[faces[0]] == int(key[1:])


def test_a_deleted_person_leaves_the_faces(library, album, anna):
    key, faces = anna
    before = everything(library)
    deciding.delete(library, key)
    assert {shown(library)[face] for face in faces} == {None}
    assert all(group.kind is GroupKind.CLUSTER for group in browse.groups(library))
    undone_and_done_again(library, before)
    with pytest.raises(UserError, match="no p"):
        browse.person(library, int(key[1:]))


def test_any_number_of_photos_is_dated_in_one_act(library, crowd):
    crowd.photos_of(1, 40)
    photos = browse.photo_ids(library)
    deciding.set_date(library, photos, parse_date("about 1923"))
    (entry,) = history.entries(library)
    assert history.title(entry) == "Dated 40 photos: about 1923"
    dates = [photo.date for photo in browse.photos(library)]
    assert {date.describe() for date in dates} == {"about 1923"}
    assert {date.source for date in dates} == {DateSource.HAND}
    history.undo(library)
    assert {photo.date.source for photo in browse.photos(library)} == {DateSource.FILE}
    history.redo(library)
    deciding.set_date(library, photos[:1], None)
    assert sum(p.date.source is DateSource.FILE for p in browse.photos(library)) == 1


def test_photos_are_listed_by_the_best_date_there_is(library, crowd):
    crowd.photos_of(1, 3)
    first, second, third = sorted(browse.photo_ids(library))
    deciding.set_date(library, [first], parse_date("1990"))
    deciding.set_date(library, [third], parse_date("May 1991"))
    deciding.set_date(library, [second], parse_date("1920s"))
    assert browse.photo_ids(library) == [third, first, second]


def test_no_run_takes_back_what_was_decided(library, crowd):
    """Each of six people, whose faces a run would put together, was decided about otherwise."""
    split, merged, rejected, hidden, excluded, deleted = (
        crowd.photos_of(person, 4) for person in range(6)
    )
    with library.write() as tx:
        contents = [split, merged[:2], merged[2:], rejected, hidden, excluded, deleted]
        cluster_table.replace_clusters(
            tx, [ClusterContent(None, None, faces) for faces in contents]
        )
    group = {face.id: f"g{face.cluster}" for face in browse.faces(library)}
    new = deciding.split(library, [f"f{face}" for face in split[:2]]).person
    one = deciding.merge(library, group[merged[0]], group[merged[2]]).person
    anna = naming.name(library, group[rejected[0]], "Anna").person
    deciding.reject(library, [f"f{rejected[0]}"])
    deciding.hide(library, [group[hidden[0]]])
    deciding.exclude(library, [f"f{excluded[0]}"])
    gone = naming.name(library, group[deleted[0]], "Otto").person
    deciding.delete(library, f"p{gone}")
    more = crowd.photos_of(3, 2)
    grouping.group(library)
    after = {int(face[1:]): person for face, person in shown(library).items()}
    assert journal_holds(library)
    assert [after[face] == new for face in split] == [True, True, False, False]
    assert {after[face] for face in merged} == {one}
    assert [after[face] == anna for face in rejected] == [False, True, True, True]
    (out_of_sight,) = browse.groups(library, hidden=True)
    assert {after[face] for face in (*hidden, *more)} == {out_of_sight.id}
    assert excluded[0] not in after
    assert {after[face] for face in deleted} == {None}


def test_a_run_of_a_model_without_vectors_leaves_every_name(library, anna):
    key, faces = anna
    grouping.group(library, model="another-model")
    assert {shown(library)[face] for face in faces} == {int(key[1:])}
    assert journal_holds(library)


def test_a_face_of_somebody_is_not_hidden_by_itself(library, album):
    face = browse.faces(library)[0]
    named = naming.name(library, f"f{face.id}", "Anna")
    with pytest.raises(UserError, match=f"f{face.id} is Anna; hide p{named.person}"):
        deciding.hide(library, [f"f{face.id}"])


def test_an_act_that_changes_nothing_leaves_no_entry(library, anna):
    key, faces = anna
    before = len(history.entries(library))
    deciding.confirm(library, faces)
    deciding.move(library, faces, key)
    deciding.hide(library, [key], hidden=False)
    assert len(history.entries(library)) == before


def test_several_people_and_groups_become_one_by_one_act(library, crowd):
    keys = []
    for number, called in enumerate(("Anna", "Berta", "Carla"), start=1):
        faces = crowd.photos_of(number, number)
        keys.append(f"p{naming.name_all(library, [f'f{face}' for face in faces], called).person}")
    merged = deciding.merge_all(library, keys[1:], keys[0])
    assert f"p{merged.person}" == keys[0]
    (left,) = browse.groups(library)
    assert (left.name, left.faces, left.aliases) == ("Anna", 6, ("Berta", "Carla"))
    history.undo(library)
    assert [group.name for group in browse.groups(library)] == ["Carla", "Berta", "Anna"]
