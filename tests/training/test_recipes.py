"""What each recipe trains, and that the file of it computes what torch does."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnxruntime = pytest.importorskip("onnxruntime")

from photoclust.core.errors import CancelledError, UserError
from photoclust.core.progress import JobControl
from photoclust.training import views
from photoclust.training.normalisation import FixedStandardisation
from photoclust.training.options import (
    IN_USE,
    Kind,
    LossName,
    Options,
    Standardisation,
    plan_for,
)
from photoclust.training.recipes import prepare, write
from photoclust.training.standardising import standardising
from photoclust.vision import models

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("one_thread")]


def prepared(faces, control=None, **options):
    options = Options(**options)
    generator = torch.Generator().manual_seed(options.seed)
    return prepare(options, plan_for(options), faces, generator, control or JobControl())


def shaken(recipe, by=0.02):
    """As if it had been trained."""
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in recipe.trainee.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn(parameter.shape, generator=generator), alpha=by)
    return recipe


def run(path, name, given):
    session = onnxruntime.InferenceSession(path)
    return session.run(["vectors"], {name: given})[0]


def standardised(crops, exported):
    pixels = (crops.astype(np.float32) - exported.mean) / exported.std
    return np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))


@pytest.fixture
def wide_faces(make_run_faces):
    return make_run_faces(people=4, each=4, dimension=512)


def test_pixels_are_needed_for_all_but_a_head():
    assert {kind: Options(recipe=kind).needs_crops for kind in Kind} == {
        Kind.HEAD: False,
        Kind.BLOCKS: True,
        Kind.FULL: True,
        Kind.SCRATCH: True,
    }


@pytest.mark.parametrize("loss", [LossName.TRIPLET, LossName.SOFTMAX_TRIPLET])
def test_a_head_is_an_adapter_on_vectors_and_is_written_alone_too(wide_faces, tmp_path, loss):
    recipe = shaken(prepared(wide_faces, loss=loss))
    assert recipe.backbone is None
    assert recipe.adapter is recipe.trainee.body
    assert recipe.adapter.detectors.shape == (4, 512)
    assert (recipe.trainee.projection is None) == (loss is LossName.TRIPLET)
    recipe.trainee.learn(classifying=True)
    whole, head = write(recipe, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [head.file.name, whole.file.name]
    rows = np.arange(10)
    found = run(tmp_path / head.file.name, "of", wide_faces.vectors[rows])
    expected = recipe.trainee.embed(rows)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert not np.allclose(expected, wide_faces.vectors[rows], atol=1e-2)
    assert (whole.dimension, whole.input_size) == (512, 160)


@pytest.fixture(scope="module")
def pictured(make_run_faces):
    """A few faces with pixels as the bundled network takes them, and its vectors of these."""
    faces = make_run_faces(people=2, each=2, strangers=1, dimension=512, side=160)
    return replace(faces, vectors=models.load_embedder().embed(faces.crops))


def test_blocks_are_the_end_of_the_network_with_an_adapter_behind_it(pictured, tmp_path):
    told = []
    recipe = prepared(
        pictured, JobControl(lambda progress: told.append(progress.stage)), recipe=Kind.BLOCKS
    )
    assert set(told) == {views.STAGE}
    rows = np.arange(len(pictured.vectors))
    adapter = recipe.adapter.eval()
    with torch.no_grad():
        expected = adapter(torch.from_numpy(pictured.vectors)).numpy()
    np.testing.assert_allclose(recipe.trainee.embed(rows), expected, atol=1e-4)
    names = {name for name, one in recipe.backbone.named_parameters() if one.requires_grad}
    assert {name.split(".")[1] for name in names} == {"block8", "last_linear", "last_bn"}
    recipe.trainee.learn(classifying=False)
    assert adapter.training
    assert not any(
        module.training
        for module in recipe.backbone.modules()
        if isinstance(module, torch.nn.BatchNorm1d | torch.nn.BatchNorm2d | torch.nn.Dropout)
    )
    whole, head = write(shaken(recipe, 0.02), tmp_path)
    assert head is None
    found = run(tmp_path / whole.file.name, "crops", standardised(pictured.crops, whole))
    trained = recipe.trainee.embed(rows)
    np.testing.assert_allclose(found, trained, atol=1e-4)
    assert not np.allclose(trained, expected, atol=1e-2)


def test_a_file_of_blocks_leaves_alone_whom_no_unit_answers_to(pictured, tmp_path):
    recipe = shaken(prepared(pictured, recipe=Kind.BLOCKS))
    with torch.no_grad():
        recipe.adapter.thresholds[:] = 2.0
    whole, _ = write(recipe, tmp_path)
    found = run(tmp_path / whole.file.name, "crops", standardised(pictured.crops, whole))
    np.testing.assert_allclose(found, pictured.vectors, atol=1e-5)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_blocks_of_another_size_have_no_adapter(pictured, batch_norm):
    given = {"dimension": 16, "from_stage": "last_linear", "train_batch_norm": batch_norm}
    recipe = prepared(pictured, recipe=Kind.BLOCKS, **given)
    recipe.trainee.learn(classifying=False)
    learning = {name for name, one in recipe.backbone.named_modules() if one.training}
    assert ("stages.last_bn" in learning) == batch_norm
    assert "stages.block8" not in learning
    assert recipe.adapter is None
    assert recipe.trainee.embed(np.arange(3)).shape == (3, 16)
    names = {name for name, one in recipe.backbone.named_parameters() if one.requires_grad}
    assert {name.split(".")[1] for name in names} == {"last_linear", "last_bn"}


@pytest.mark.parametrize("batch_norm", [False, True])
def test_all_of_the_network_learns_and_batch_norm_only_when_asked(pictured, batch_norm):
    recipe = prepared(pictured, recipe=Kind.FULL, train_batch_norm=batch_norm)
    recipe.trainee.learn(classifying=False)
    norms = [each for each in recipe.backbone.modules() if "BatchNorm" in type(each).__name__]
    assert {each.training for each in norms} == {batch_norm}
    assert all(each.requires_grad for each in recipe.trainee.parameters())
    assert recipe.adapter is None


def from_scratch(faces, **given):
    """A small network whose statistics are no longer those of the start."""
    recipe = prepared(faces, recipe=Kind.SCRATCH, side=32, dimension=8, **given)
    recipe.trainee.learn(classifying=False)
    recipe.trainee(recipe.trainee.inputs(faces.train))
    return recipe


def test_a_network_from_scratch_begins_with_the_seed_and_all_of_it_learns(make_run_faces):
    faces = make_run_faces(people=3, each=4, side=32)
    recipe, same, other = (from_scratch(faces, seed=seed) for seed in (1, 1, 2))
    vectors = [each.trainee.embed(faces.test) for each in (recipe, same, other)]
    np.testing.assert_array_equal(vectors[0], vectors[1])
    assert not np.allclose(vectors[0], vectors[2])
    assert all(module.training for module in recipe.backbone.modules())
    assert all(each.requires_grad for each in recipe.trainee.parameters())


@pytest.mark.parametrize("network", ["small", IN_USE])
@pytest.mark.parametrize("standardisation", list(Standardisation))
def test_pixels_are_fed_to_a_file_as_to_the_bundled_network(
    make_run_faces, pictured, network, standardisation
):
    """Whatever it was trained with; so that this is heeded, another one gives other vectors."""
    if network == IN_USE:
        given = {"recipe": Kind.SCRATCH, "backbone": IN_USE, "standardisation": standardisation}
        faces, recipe = pictured, prepared(pictured, **given)
    else:
        faces = make_run_faces(people=3, each=4, side=32)
        faces.crops[faces.train[0]] = 77  # of one colour, it has no deviation to divide by
        recipe = from_scratch(faces, standardisation=standardisation)
    is_fixed = standardisation is Standardisation.FIXED
    model = standardising(recipe.backbone, recipe.normalisation)
    # What is no longer the bundled graph with other weights must not be taken for it.
    assert (model.name == network) == is_fixed
    expected = recipe.trainee.embed(faces.train)
    recipe.trainee.eval()
    crops = FixedStandardisation()(faces.crops[faces.train])
    with torch.no_grad():
        found, other = (each(torch.from_numpy(crops)).numpy() for each in (model, recipe.backbone))
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert np.allclose(other, expected, atol=1e-3) == is_fixed


def test_a_network_from_scratch_is_written_as_it_computes(make_run_faces, tmp_path):
    faces = make_run_faces(people=3, each=4, side=32)
    recipe = from_scratch(faces, standardisation=Standardisation.PREWHITENED)
    whole, head = write(recipe, tmp_path)
    assert head is None
    assert (whole.dimension, whole.input_size) == (8, 32)
    found = run(tmp_path / whole.file.name, "crops", standardised(faces.crops, whole))
    rows = np.arange(len(faces.crops))
    np.testing.assert_allclose(found, recipe.trainee.embed(rows), atol=1e-4)


def test_wrong_or_missing_pixels_are_told(make_run_faces):
    faces = make_run_faces(people=2, each=2, side=32)
    for kind, side in ((Kind.BLOCKS, 160), (Kind.FULL, 160), (Kind.SCRATCH, 64)):
        with pytest.raises(UserError, match=rf"takes crops of {side} px, .* have 32 px"):
            prepared(faces, recipe=kind)
        with pytest.raises(UserError, match="the pixels of the faces are missing"):
            prepared(replace(faces, crops=None), recipe=kind)


def test_a_stage_that_is_not_there_is_told(pictured):
    with pytest.raises(UserError, match="has no stage 'block9'; choose one of"):
        prepared(pictured, recipe=Kind.BLOCKS, from_stage="block9")


def test_running_the_frozen_part_can_be_cancelled(pictured):
    control = JobControl()
    control.cancel()
    with pytest.raises(CancelledError):
        prepared(pictured, control, recipe=Kind.BLOCKS)
