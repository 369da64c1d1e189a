"""Another model for a library: what was decided stays, the rest comes out anew."""

import shutil

import numpy as np
import pytest

from photoclust.core.errors import ModelError, UserError
from photoclust.core.paths import OWN_MODELS
from photoclust.core.settings import Settings
from photoclust.core.types import ModelId
from photoclust.services import (
    browse,
    embedding_model,
    grouping,
    history,
    ingest,
    naming,
    recognition,
    session,
    switching,
)
from photoclust.services.embedding_model import current_model
from photoclust.services.opening import open_library
from photoclust.store import embeddings, face_table
from photoclust.vision.models import DEFAULT_EMBEDDER

SETTINGS = Settings(workers=1)
TURNED, SHORT, PLAIN = ModelId("turned"), ModelId("short"), ModelId("plain")

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture(scope="module")
def model_folder(own_models, rotation, tmp_path_factory):
    """The bundled network turned; the first 128 of that; and turned, without a head."""
    own = tmp_path_factory.mktemp("models")
    own_models.behind(own, TURNED, rotation)
    own_models.behind(own, SHORT, rotation[:128])
    own_models.behind(own, PLAIN, rotation, head=False)
    return own


@pytest.fixture
def models_there(library, model_folder):
    shutil.copytree(model_folder, library.folder / OWN_MODELS)


@pytest.fixture
def people(library, crowd, models_there):
    """Forty photos of eight people, made up, grouped; two of the people have names."""
    faces = [crowd.photos_of(person, 5) for person in range(8)]
    grouping.group(library)
    naming.name(library, f"f{faces[0][0]}", "Anna")
    naming.name(library, f"f{faces[1][0]}", "Otto")
    for face in faces[0][1:3]:
        naming.name(library, f"f{face}", "Anna", into=browse.people_called(library, "Anna")[0].id)
    recognition.recognize(library, SETTINGS)
    return faces


def state(library):
    """Who is shown for each face and in which group it is."""
    with library.read() as tx:
        rows = tx.exec_driver_sql("SELECT id, person_id, confirmed, cluster_id FROM face")
        return {row[0]: tuple(row[1:]) for row in rows}


def verdicts(library):
    with library.read() as tx:
        rows = tx.exec_driver_sql("SELECT face_id, person_id, probability, named FROM recognition")
        return {row[0]: tuple(row[1:]) for row in rows}


def test_turned_vectors_change_nothing_but_the_model(library, people):
    before, judged = state(library), verdicts(library)
    assert judged
    done = switching.use(library, TURNED, SETTINGS)
    assert (done.before, done.reembedding.converted, done.reembedding.waiting) == (
        DEFAULT_EMBEDDER,
        40,
        0,
    )
    assert done.regrouped is not None
    assert done.regrouped.difference.faces == frozenset()
    assert current_model(library, SETTINGS) == TURNED
    assert state(library) == before
    after = verdicts(library)
    assert after.keys() == judged.keys()
    for face, (person, probability, named) in judged.items():
        assert after[face][0] == person
        assert after[face][1] == pytest.approx(probability, abs=0.02)
        assert after[face][2] == named


def test_shorter_vectors_serve_as_well(library, people):
    before = state(library)
    done = switching.use(library, SHORT, SETTINGS)
    assert current_model(library, SETTINGS) == SHORT
    with library.read() as tx:
        assert face_table.load_table(tx, SHORT).vectors.shape == (40, 128)
    confirmed = {face: each[0] for face, each in before.items() if each[1]}
    assert {face: each[0] for face, each in state(library).items() if each[1]} == confirmed
    assert done.recognition is not None
    report = grouping.group(library, model=SHORT)
    assert (report.faces, report.kept) == (40, None)


def test_a_change_is_undone_and_done_again_as_any_act(library, people):
    before = state(library)
    entry = switching.use(library, TURNED, SETTINGS).entry
    assert history.next_steps(library).undo == "Changed the model to turned"
    undone = history.undo(library)
    assert [each.id for each in undone.entries] == [entry]
    assert current_model(library, SETTINGS) == DEFAULT_EMBEDDER
    recognition.recognize(library, SETTINGS)
    assert state(library) == before
    history.redo(library)
    assert current_model(library, SETTINGS) == TURNED


def test_a_recogniser_that_lives_on_takes_the_model_of_the_moment(library, people):
    recognizer = recognition.LibraryRecognizer(library, SETTINGS)
    assert recognizer.judge().model == DEFAULT_EMBEDDER
    switching.use(library, TURNED, SETTINGS)
    assert recognizer.judge().model == TURNED
    history.undo(library)
    assert recognizer.judge().model == DEFAULT_EMBEDDER


def test_groups_from_before_an_undo_stay_and_new_faces_join_them(library, people, crowd):
    switching.use(library, TURNED, SETTINGS)
    history.undo(library)
    crowd.made = 40
    new = crowd.photos_of(0, 2)
    report = grouping.group(library, model=DEFAULT_EMBEDDER)
    homes = state(library)
    assert {homes[face][2] for face in new} == {homes[people[0][3]][2]}
    assert report.joined == 2


def test_what_a_library_began_with_stays_whatever_the_settings_say(library, people):
    other = Settings(embedder="turned")
    assert current_model(library, other) == DEFAULT_EMBEDDER


def test_a_new_library_begins_with_what_the_settings_say(library):
    assert current_model(library, Settings(embedder="mtcnn-like")) == "mtcnn-like"
    assert current_model(library, SETTINGS) == DEFAULT_EMBEDDER


def test_an_empty_library_can_choose_as_well(library, models_there):
    done = switching.use(library, TURNED, SETTINGS)
    assert (done.reembedding.converted, done.regrouped, done.recognition) == (0, None, None)
    assert current_model(library, SETTINGS) == TURNED


def test_to_use_what_serves_already_is_no_act(library, people):
    assert switching.use(library, DEFAULT_EMBEDDER, SETTINGS).entry is None
    assert history.next_steps(library).undo.startswith("Named")


def test_without_its_files_the_model_before_serves_and_that_is_told(library, people):
    switching.use(library, TURNED, SETTINGS)
    folder = library.folder / OWN_MODELS / TURNED
    (folder / "network.onnx").write_bytes(b"cut")
    assert current_model(library, SETTINGS) == DEFAULT_EMBEDDER
    recognition.recognize(library, SETTINGS)
    library.close()
    with (opened := open_library(library.folder)).library:
        (note,) = opened.notes
        assert "network.onnx of turned is damaged" in note
        assert "photoclust model use facenet-vggface2" in note
    shutil.rmtree(folder)
    with (opened := open_library(library.folder)).library as again:
        assert "there is no model 'turned'" in opened.notes[0]
        assert current_model(again, SETTINGS) == DEFAULT_EMBEDDER
        switching.use(again, DEFAULT_EMBEDDER, SETTINGS)


def test_without_any_photo_there_is_no_change(library, people):
    """Made-up photos have no files, and this model no head."""
    with pytest.raises(UserError, match="none of the photos can be read"):
        switching.use(library, PLAIN, SETTINGS)
    assert current_model(library, SETTINGS) == DEFAULT_EMBEDDER


@pytest.mark.parametrize(
    ("model", "reason"),
    [("other", "there is no model"), ("centerface", "makes no vectors"), ("../x", "no model")],
)
def test_what_is_no_embedder_is_refused(library, people, model, reason):
    with pytest.raises(ModelError, match=reason):
        switching.use(library, model, SETTINGS)


def test_a_model_of_which_nobody_knows_what_its_vectors_are_worth_is_refused(
    library, own_models, rotation
):
    own_models.small(library.folder / OWN_MODELS, "wild", calibration={})
    with pytest.raises(ModelError, match="no calibration 'match'"):
        switching.use(library, "wild", SETTINGS)


# Vectors that may be compared


@pytest.fixture
def harmonic(library, own_models):
    """The bundled network, turned by nothing, and said to be comparable."""
    own = library.folder / OWN_MODELS
    name = ModelId("like-before")
    own_models.behind(
        own, name, np.eye(512, dtype=np.float32), head=False, comparable_with=DEFAULT_EMBEDDER
    )
    return name


def test_vectors_that_may_be_compared_serve_until_there_are_new_ones(library, people, harmonic):
    before, judged = state(library), verdicts(library)
    done = switching.use(library, harmonic, SETTINGS)
    assert (done.reembedding.waiting, done.regrouped) == (40, None)
    assert current_model(library, SETTINGS) == harmonic
    assert state(library) == before
    assert verdicts(library).keys() == judged.keys()
    assert embedding_model.fallback_of(library, harmonic) == DEFAULT_EMBEDDER
    assert grouping.group(library, model=harmonic).faces == 40
    assert recognition.recognize(library, SETTINGS).faces == len(before) - 4


def test_the_next_scan_makes_the_new_ones(library, demo_album, harmonic, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    shutil.copyfile(demo_album / "Space" / "astronaut.png", folder / "one.png")
    ingest.ingest(library, [folder], SETTINGS)
    switching.use(library, harmonic, SETTINGS)
    shutil.copyfile(demo_album / "2010 Blue Room" / "side by side.jpg", folder / "two.jpg")
    session.scan_again(library, SETTINGS)
    with library.read() as tx:
        assert embeddings.counts(tx) == {DEFAULT_EMBEDDER: 1, harmonic: 3}


def test_comparable_vectors_are_as_long_as_those_they_are_compared_with(library, own_models):
    own_models.small(library.folder / OWN_MODELS, "odd", comparable_with=DEFAULT_EMBEDDER)
    with pytest.raises(ModelError, match="of another length"):
        switching.use(library, "odd", SETTINGS)


# From photos


def test_photos_are_looked_at_again_and_names_stay(library, demo_album, models_there, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for place, name in enumerate(
        (
            "Space/astronaut.png",
            "2010 Blue Room/side by side.jpg",
            "2009 Capitol/address, stored sideways.jpg",
        )
    ):
        shutil.copyfile(demo_album / name, folder / f"{place}{(demo_album / name).suffix}")
    session.scan_and_group(library, [folder], SETTINGS)
    face = browse.faces(library)[0]
    naming.name(library, f"f{face.id}", "Anna")
    (folder / "1.jpg").rename(tmp_path / "aside.jpg")
    done = switching.use(library, PLAIN, SETTINGS)
    assert (done.reembedding.embedded, done.reembedding.waiting) == (2, 2)
    assert [group.name for group in browse.people_called(library, "Anna")] == ["Anna"]
    (tmp_path / "aside.jpg").rename(folder / "1.jpg")
    session.catch_up(library, SETTINGS)
    with library.read() as tx:
        assert embeddings.counts(tx) == {DEFAULT_EMBEDDER: 4, PLAIN: 4}
