"""The file of a neighbour graph: a few numbers and four arrays, little-endian, with a checksum.

It can be computed again from the vectors, so anything that is not right about it is one error.
"""

import os
import struct
import tempfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoclust.cluster.neighbor_lists import Neighbours
from photoclust.core.errors import DamagedCacheError, UserError
from photoclust.core.language import tr
from photoclust.core.paths import make_private_folder

VERSION = 1
_START = struct.Struct("<8sI")
"""Magic and CRC-32 of all that follows."""
_MAGIC = b"PHCNGRPH"
_HEADER = struct.Struct("<IIIQI")
"""Version, k, columns of the lists, faces, bytes of the model's name, which follows."""


def write(
    path: Path,
    model: str,
    *,
    k: int,
    ids: NDArray[np.int64],
    checks: NDArray[np.uint64],
    lists: Neighbours,
) -> None:
    """Write a file that only its owner can read; what `path` held stays until it is whole.

    Similarities keep all their digits: faces that are equally near in fewer would change places.
    Raises UserError when it cannot be written.
    """
    name = model.encode()
    count, width = lists.indices.shape
    parts: list[Any] = [_HEADER.pack(VERSION, k, width, count, len(name)), name]
    parts += [
        np.ascontiguousarray(array, dtype)
        for array, dtype in (
            (ids, "<i8"),
            (checks, "<u8"),
            (lists.indices, "<i4"),
            (lists.similarities, "<f4"),
        )
    ]
    check = 0
    for part in parts:
        check = zlib.crc32(part, check)
    make_private_folder(path.parent)
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}", suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_START.pack(_MAGIC, check))
                for part in parts:
                    file.write(part)
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            tr(
                "{path} cannot be written ({reason}); make room or check its permissions",
                path=path,
                reason=error.strerror,
            )
        ) from error


def read(path: Path, model: str) -> tuple[int, NDArray[np.int64], NDArray[np.uint64], Neighbours]:
    """`k`, ids [N], checksums [N] and lists of the file at `path`.

    Raises FileNotFoundError where there is none, and DamagedCacheError where it cannot be read, is
    damaged, or of another version or model.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DamagedCacheError(f"{path} cannot be read ({error.strerror})") from error
    if not content.startswith(_MAGIC):
        raise DamagedCacheError(f"{path} is no neighbour graph")
    body = memoryview(content)[_START.size :]
    if len(body) < _HEADER.size or zlib.crc32(body) != _START.unpack_from(content)[1]:
        raise DamagedCacheError(f"{path} is damaged")
    version, k, width, count, name = _HEADER.unpack_from(body)
    if version != VERSION:
        raise DamagedCacheError(f"{path} is of version {version}, not {VERSION}")
    if body[_HEADER.size : _HEADER.size + name] != model.encode():
        raise DamagedCacheError(f"{path} is of another model than {model}")
    arrays = []
    start = _START.size + _HEADER.size + name
    for dtype, columns in (("<i8", 1), ("<u8", 1), ("<i4", width), ("<f4", width)):
        arrays.append(np.frombuffer(content, dtype, count * columns, start))
        start += arrays[-1].nbytes
    ids, checks, indices, similarities = arrays
    return (
        k,
        ids.astype(np.int64),
        checks.astype(np.uint64),
        Neighbours(
            indices.reshape(count, width).astype(np.int64),
            similarities.reshape(count, width).astype(np.float32),
        ),
    )
