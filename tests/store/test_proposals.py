from photoclust.core.types import ModelId
from photoclust.store import faces, proposals

MODEL = ModelId("made-up")


def test_a_proposal_is_kept_as_it_was(library, maker):
    one, two, three = maker.new_faces(3)
    labels = {one: 0, two: 7, three: -1}
    with library.write() as tx:
        number = proposals.add(tx, "hdbscan", MODEL, labels)
        stored = proposals.load(tx, number)
        assert (stored.method, stored.model, stored.applied) == ("hdbscan", MODEL, False)
        assert stored.label_of == labels
        proposals.set_applied(tx, number)
        assert proposals.load(tx, number).applied
        assert proposals.load(tx, number + 1) is None


def test_only_the_newest_are_kept(library, maker):
    (face,) = maker.new_faces(1)
    with library.write() as tx:
        numbers = [
            proposals.add(tx, "hdbscan", MODEL, {face: 0}) for _ in range(proposals.KEPT + 2)
        ]
        there = [number for number in numbers if proposals.load(tx, number) is not None]
        assert there == numbers[2:]
        rows = tx.exec_driver_sql("SELECT count(*) FROM proposal_face").scalar_one()
        assert rows == proposals.KEPT


def test_a_face_that_goes_leaves_every_proposal(library, maker):
    one, two = maker.new_faces(2)
    with library.write() as tx:
        number = proposals.add(tx, "hdbscan", MODEL, {one: 0, two: 0})
        faces.delete_faces(tx, [one])
        assert proposals.load(tx, number).label_of == {two: 0}


def test_an_empty_library_can_have_a_proposal(library):
    with library.write() as tx:
        assert proposals.load(tx, proposals.add(tx, "hdbscan", MODEL, {})).label_of == {}
