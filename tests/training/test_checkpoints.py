"""Checkpoints: as they were, whole or not at all, and never code."""

import errno
import os
import pickle

import pytest

torch = pytest.importorskip("torch")

from photoclust.core.errors import UserError
from photoclust.training.checkpoints import CHECKPOINT, Checkpoint

pytestmark = pytest.mark.train


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


def made(step=25):
    layer = torch.nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(layer.parameters())
    layer(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    return Checkpoint(
        step,
        layer.state_dict(),
        {},
        optimizer.state_dict(),
        {"steps": step, "collapsed": 0, "widest": 1.5},
        [{"step": 25.0, "loss": 0.2, "val": 0.9}],
        [(10, {0: [2, 1], 7: []})],
        {"weight": torch.ones(2)},
        (0.9, 0.8, 25.0),
    )


def flat(value, path=()):
    """Every leaf and where it is."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found = {}
    for key, one in items:
        if isinstance(one, dict | list | tuple):
            found |= {(*path, key): type(one)} | flat(one, (*path, key))
        else:
            found[*path, key] = one.tolist() if torch.is_tensor(one) else one
    return found


def listed(checkpoint):
    return flat({name: getattr(checkpoint, name) for name in Checkpoint.__dataclass_fields__})


def test_a_checkpoint_comes_back_as_it_was(tmp_path):
    assert Checkpoint.load(tmp_path) is None
    kept = made()
    kept.save(tmp_path)
    assert listed(Checkpoint.load(tmp_path)) == listed(kept)
    later = made(step=50)
    later.save(tmp_path)
    assert Checkpoint.load(tmp_path).step == 50
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT]
    if os.name == "posix":
        assert (tmp_path / CHECKPOINT).stat().st_mode & 0o077 == 0


def full_disk_in_torch(monkeypatch):
    def fail(values, file):
        file.write(b"some")
        raise RuntimeError("PytorchStreamWriter failed writing file data/3: file write failed")

    monkeypatch.setattr(torch, "save", fail)


def full_disk_at_the_end(monkeypatch):
    def fail(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)


@pytest.mark.parametrize("fill", [full_disk_in_torch, full_disk_at_the_end])
def test_a_full_disk_is_told_and_what_was_kept_stays(tmp_path, monkeypatch, fill):
    made().save(tmp_path)
    fill(monkeypatch)
    with pytest.raises(UserError, match=r"could not be kept in .* make room on the disk"):
        made(step=50).save(tmp_path)
    assert Checkpoint.load(tmp_path).step == 25
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT]


def test_a_disk_that_really_is_full(tmp_path, mount):
    folder = mount(tmp_path / "small", "-t", "tmpfs", "-o", "size=256k", "none")
    made().save(folder)
    (folder / "filler").write_bytes(b"x" * 200_000)
    with pytest.raises(UserError, match="make room on the disk"):
        Checkpoint(50, {"weight": torch.zeros(100_000)}, {}, {}, {}, [], []).save(folder)
    assert Checkpoint.load(folder).step == 25
    assert sorted(path.name for path in folder.iterdir()) == [CHECKPOINT, "filler"]


def test_a_folder_that_is_gone_is_told(tmp_path):
    with pytest.raises(UserError, match="could not be kept"):
        made().save(tmp_path / "gone")


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: b"no checkpoint",
        lambda data: pickle.dumps({"step": 1}),
    ],
)
def test_a_damaged_checkpoint_is_told(tmp_path, damage):
    made().save(tmp_path)
    path = tmp_path / CHECKPOINT
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(UserError, match=r"checkpoint\.pt is damaged; delete the folder"):
        Checkpoint.load(tmp_path)


def test_a_checkpoint_of_other_fields_is_told(tmp_path):
    torch.save({"step": 1}, tmp_path / CHECKPOINT)
    with pytest.raises(UserError, match="is damaged"):
        Checkpoint.load(tmp_path)


def test_code_in_a_checkpoint_does_not_run(tmp_path):
    folder = tmp_path / "made"
    values = dict.fromkeys(Checkpoint.__dataclass_fields__)
    torch.save(values | {"trainee": Trap(folder)}, tmp_path / CHECKPOINT)
    torch.load(tmp_path / CHECKPOINT, weights_only=False)
    folder.rmdir()
    with pytest.raises(UserError, match="is damaged"):
        Checkpoint.load(tmp_path)
    assert not folder.exists()
