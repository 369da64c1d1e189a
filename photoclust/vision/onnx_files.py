"""Whether an ONNX file is complete in itself, told from its bytes alone.

A tensor of an ONNX file may say that its numbers lie in another file, by a path of its own choice.
In a file that somebody else made that would let it read whatever this user can read. The messages
and their fields are those of onnx.proto 3 (ONNX IR version 13).
"""

from collections.abc import Iterator

_CHILDREN = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
"""The fields in which a message holds others that may hold tensors."""
_OUTSIDE = (13, 14)
"""A tensor's fields `external_data` and `data_location`."""
_LONGEST_VARINT = 10


def refers_outside(data: bytes) -> bool:
    """Whether the ONNX file with the content `data` names other files, or is none that can be read.

    Weights are passed over, so that this takes a few milliseconds.
    """
    view = memoryview(data)
    waiting = [("model", 0, len(view))]
    try:
        while waiting:
            message, start, stop = waiting.pop()
            children = _CHILDREN[message]
            for number, first, last in _fields(view, start, stop):
                if message == "tensor" and number in _OUTSIDE and any(view[first:last]):
                    return True
                if number in children:
                    waiting.append((children[number], first, last))
    except (IndexError, ValueError):
        return True
    return False


def _fields(view: memoryview, place: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """The number of each field of a message, and where its value begins and ends (of one with a
    length, without that). Raises ValueError or IndexError where it is no message.
    """
    while place < stop:
        key, place = _varint(view, place)
        match key & 7:
            case 0:
                first = place
                _, place = _varint(view, place)
            case 1:
                first, place = place, place + 8
            case 2:
                length, first = _varint(view, place)
                place = first + length
            case 5:
                first, place = place, place + 4
            case _:
                raise ValueError("no kind of field")
        if place > stop:
            raise ValueError("a field is longer than its message")
        yield key >> 3, first, place


def _varint(view: memoryview, place: int) -> tuple[int, int]:
    """The number that begins at `place`, and where it ends."""
    value = 0
    for index in range(_LONGEST_VARINT):
        byte = view[place + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, place + index + 1
    raise ValueError("a number is too long")
