"""What runs a network: 8-bit forms beside float32, and devices that fail."""

import logging

import numpy as np
import pytest
from PIL import Image

from photoclust.core.types import Compute, Engine
from photoclust.vision import engines, models
from photoclust.vision.crop import crop_face
from photoclust.vision.finder import FaceFinder

INT8 = Engine(compute=Compute.INT8)


@pytest.fixture(scope="module")
def picture(demo_album):
    with Image.open(demo_album / "2009 Capitol" / "address to Congress.jpg") as image:
        return np.asarray(image.convert("RGB"))


@pytest.fixture
def elsewhere(monkeypatch):
    """A device that is there wherever ONNX Runtime is, as a graphics card is elsewhere."""
    monkeypatch.setitem(engines.DEVICES, "elsewhere", "AzureExecutionProvider")
    return Engine("elsewhere")


def test_both_forms_have_the_same_inputs_and_outputs():
    both = [spec for spec in models.list_models() if spec.int8_files]
    assert [spec.id for spec in both] == [models.DEFAULT_EMBEDDER, models.DEFAULT_DETECTOR]
    for spec in both:
        plain, small = (
            models.open_session(spec, threads=1, engine=each) for each in (engines.CPU, INT8)
        )
        assert small.input_names == plain.input_names
        assert small.output_names == plain.output_names
        assert small.engine == INT8


def test_faces_in_8_bits_are_where_they_are_in_float32(picture):
    plain, small = (FaceFinder(models.load_detector(engine=each)) for each in (engines.CPU, INT8))
    expected, found = plain.find(picture), small.find(picture)
    assert found.turn == expected.turn
    assert len(found.detections) == len(expected.detections)
    for one, other in zip(expected.detections, found.detections, strict=True):
        assert one.box.iou(other.box) > 0.8
        assert one.box != other.box, "it was computed otherwise"


def test_vectors_in_8_bits_are_those_of_float32(picture):
    found = FaceFinder(models.load_detector()).find(picture)
    crops = np.stack([crop_face(picture, item.box) for item in found.detections])
    crops = np.concatenate([crops, crops[:, :, ::-1], crops // 2 + 60])
    plain, small = (models.load_embedder(engine=each) for each in (engines.CPU, INT8))
    assert small.engine == INT8
    cosines = (plain.embed(crops) * small.embed(crops)).sum(axis=1)
    assert cosines.min() > 0.99
    assert cosines.max() < 1 - 1e-6, "it was computed otherwise"


def test_a_vector_in_8_bits_does_not_depend_on_its_batch(picture):
    small = models.load_embedder(engine=INT8)
    crops = np.random.default_rng(0).integers(0, 256, (5, 160, 160, 3), np.uint8)
    np.testing.assert_allclose(small.embed(crops)[3:4], small.embed(crops[3:4]), atol=1e-5)


def test_the_plain_processor_is_the_last_that_is_tried(monkeypatch):
    spec = models.model_spec("centerface")
    found = engines.possible(spec)
    assert found[-2:] == (INT8, engines.CPU)
    assert engines.possible(spec, Compute.INT8) == (INT8,)
    assert INT8 not in engines.possible(spec, Compute.FLOAT32)
    assert engines.possible(models.model_spec("mtcnn"), Compute.INT8)[-1] == engines.CPU
    monkeypatch.setattr(
        engines.runtime(),
        "get_available_providers",
        lambda: ["CPUExecutionProvider", "CoreMLExecutionProvider", "CUDAExecutionProvider"],
    )
    assert engines.possible(spec) == (Engine("cuda"), Engine("coreml"), INT8, engines.CPU)


def test_a_device_without_driver_leaves_it_to_the_processor(caplog):
    crops = np.random.default_rng(0).integers(0, 256, (2, 160, 160, 3), np.uint8)
    with caplog.at_level(logging.WARNING):
        embedder = models.load_embedder(engine=Engine("directml"))
    assert embedder.engine == engines.CPU
    assert "directml float32 cannot run the network, the processor does" in caplog.text
    np.testing.assert_array_equal(embedder.embed(crops), models.load_embedder().embed(crops))


def test_a_device_that_fails_on_the_way_leaves_the_rest_to_the_processor(elsewhere, caplog):
    session = models.open_session(models.model_spec("centerface"), threads=1, engine=elsewhere)
    images = np.zeros((1, 3, 64, 64), np.float32)
    expected = session.run(["heat"], {"images": images})
    assert session.engine == elsewhere
    with caplog.at_level(logging.WARNING), pytest.raises(Exception, match="input data type"):
        session.run(["heat"], {"images": images.astype(np.float64)})
    assert session.engine == engines.CPU
    assert "elsewhere float32 cannot run the network" in caplog.text
    np.testing.assert_array_equal(session.run(["heat"], {"images": images}), expected)


def test_8_bit_weights_are_turned_to_float_at_loading_in_float32_alone(monkeypatch):
    """Else one is slower for it, and the other no 8-bit form; what they give hardly differs."""
    told = []
    real = engines.runtime().InferenceSession

    def watched(network, options, **named):
        try:
            told.append(options.get_session_config_entry("session.disable_quant_qdq"))
        except RuntimeError:  # it was not said
            told.append("")
        return real(network, options, **named)

    monkeypatch.setattr(engines.runtime(), "InferenceSession", watched)
    spec = models.model_spec("centerface")
    for engine in (engines.CPU, INT8):
        models.open_session(spec, threads=1, engine=engine)
    assert told == ["1", ""]
