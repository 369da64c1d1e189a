import os
import pickle
import zipfile

import pytest

torch = pytest.importorskip("torch")

from photoclust.core.errors import UserError
from photoclust.training.backbones.inception_resnet import inception_resnet_v1
from photoclust.training.checkpoint_import import load_checkpoint

pytestmark = pytest.mark.train


def shapes():
    with torch.device("meta"):
        names = inception_resnet_v1(512, 160).stages.state_dict()
    return {name: value.shape for name, value in names.items()}


def numbers(shape, generator):
    return 0.05 + 0.01 * torch.rand(shape, generator=generator)


@pytest.fixture(scope="module")
def state():
    """A state dict of facenet-pytorch whose tensors are one number each: small files."""
    generator = torch.Generator().manual_seed(0)
    return {
        name: numbers((), generator).expand(shape) if shape else torch.tensor(3)
        for name, shape in shapes().items()
    }


@pytest.fixture
def save(tmp_path):
    def write(content, **options):
        path = tmp_path / "weights.pt"
        torch.save(content, path, **options)
        return path

    return write


class Malicious:
    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


@pytest.mark.parametrize("zipped", [True, False])
def test_weights_are_taken_over_as_they_are(save, zipped):
    generator = torch.Generator().manual_seed(0)
    state = {
        name: numbers(shape, generator) if shape else torch.tensor(3)
        for name, shape in shapes().items()
    }
    model = load_checkpoint(save(state, _use_new_zipfile_serialization=zipped))
    assert not model.training
    assert model.dimension == 512
    for key, value in model.stages.state_dict().items():
        if not key.endswith("num_batches_tracked"):
            assert torch.equal(value, state[key]), key


def test_the_layer_that_names_people_is_left_out(state, save):
    logits = {"logits.weight": torch.zeros(8631, 512), "logits.bias": torch.zeros(8631)}
    model = load_checkpoint(save(state | logits))
    assert not any("logits" in key for key in model.state_dict())


def test_counters_of_batch_norm_may_be_missing(state, save):
    old = {key: value for key, value in state.items() if "num_batches_tracked" not in key}
    model = load_checkpoint(save(old))
    assert model.stages.last_bn.num_batches_tracked == 0
    assert torch.equal(model.stages.last_linear.weight, state["last_linear.weight"])


def test_half_precision_is_taken_over_as_float32(state, save):
    halves = {key: value.half() if value.ndim else value for key, value in state.items()}
    assert load_checkpoint(save(halves)).stages.last_linear.weight.dtype == torch.float32


@pytest.mark.parametrize("zipped", [True, False])
def test_code_in_a_checkpoint_does_not_run(state, save, tmp_path, zipped):
    trace = tmp_path / "trace"
    path = save(
        state | {"conv2d_1a.conv.weight": Malicious(trace)}, _use_new_zipfile_serialization=zipped
    )
    with pytest.raises(UserError, match="code perhaps, and was not opened"):
        load_checkpoint(path)
    assert not trace.exists()
    torch.load(path, weights_only=False)
    assert trace.exists()


def test_a_plain_pickle_with_code_does_not_run(tmp_path):
    trace, path = tmp_path / "trace", tmp_path / "weights.pt"
    path.write_bytes(pickle.dumps(Malicious(trace)))
    with pytest.raises(UserError, match="no checkpoint of torch"):
        load_checkpoint(path)
    assert not trace.exists()


def test_a_whole_network_is_no_state_dict(save):
    with pytest.raises(UserError, match=r"save the network's state_dict\(\) alone"):
        load_checkpoint(save(torch.nn.Linear(2, 2)))


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.999])
def test_a_file_that_ends_early_is_told(save, zipped, share):
    path = save({"a": torch.ones(3000)}, _use_new_zipfile_serialization=zipped)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(UserError, match=r"weights\.pt is no checkpoint of torch, or damaged"):
        load_checkpoint(path)


@pytest.mark.parametrize("content", [b"a letter to somebody", b"\xff\xd8\xff\xe0" + bytes(500)])
def test_another_kind_of_file_is_told(tmp_path, content):
    path = tmp_path / "letter.pt"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"letter\.pt is no checkpoint of torch"):
        load_checkpoint(path)


def test_another_zip_file_is_told(tmp_path):
    path = tmp_path / "letters.pt"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("letter.txt", "a letter to somebody")
    with pytest.raises(UserError, match=r"letters\.pt is no checkpoint of torch"):
        load_checkpoint(path)


def test_a_missing_file_and_a_folder_are_told(tmp_path):
    with pytest.raises(UserError, match=r"none\.pt is missing; check its name"):
        load_checkpoint(tmp_path / "none.pt")
    with pytest.raises(UserError, match="cannot be read"):
        load_checkpoint(tmp_path)


@pytest.mark.parametrize("content", [[1, 2], torch.ones(3), {1: torch.ones(3)}])
def test_tensors_without_names_are_told(save, content):
    with pytest.raises(UserError, match="holds no weights by name"):
        load_checkpoint(save(content))


def test_another_network_is_told_by_what_it_lacks(save):
    with pytest.raises(
        UserError, match=r"lacks the weights conv2d_1a\.conv\.weight, .* and \d+ more"
    ):
        load_checkpoint(save({"layer1.0.weight": torch.ones(3)}))


def test_weights_too_many_are_told(state, save):
    with pytest.raises(UserError, match=r"another network, conv2d_9z\.weight; choose"):
        load_checkpoint(save(state | {"conv2d_9z.weight": torch.ones(3)}))


@pytest.mark.parametrize(
    "value",
    [
        torch.zeros(128, 1792),
        torch.zeros(512, 1792, dtype=torch.int64),
        torch.zeros(512, 1792).to_sparse(),
        torch.zeros(512, 1792, device="meta"),
        "weights",
    ],
)
def test_weights_of_another_shape_or_kind_are_told(state, save, value):
    path = save(state | {"last_linear.weight": value})
    with pytest.raises(UserError, match=r"another shape or kind .*, last_linear\.weight; choose"):
        load_checkpoint(path)


def test_weights_that_are_no_numbers_are_told(state, save):
    broken = state["block8.conv2d.bias"].clone()
    broken[3] = torch.nan
    with pytest.raises(UserError, match=r"no numbers, block8\.conv2d\.bias: its training failed"):
        load_checkpoint(save(state | {"block8.conv2d.bias": broken}))
