import pickle
from pathlib import Path

import pytest

from photoclust.core import errors

EVERY = [
    errors.PhotoclustError("it"),
    errors.UserError("mend it"),
    errors.InternalError("a bug"),
    errors.UnreadableFileError(Path("/a/b.jpg"), "the file is empty"),
    errors.UnreadableFileError(Path("/a/b.jpg"), "it changed", try_again=True),
    errors.ModelError("damaged"),
    errors.LibraryError("locked"),
    errors.DamagedLibraryError("library.sqlite3 is damaged"),
    errors.DamagedCacheError("graph.neighbours is damaged"),
    errors.CancelledError(),
]


@pytest.mark.parametrize("error", EVERY, ids=lambda error: type(error).__name__)
def test_every_error_comes_through_a_pipe_as_it_was(error):
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)
    assert isinstance(copy, errors.PhotoclustError)


def test_the_list_above_is_complete():
    kinds = {item for item in vars(errors).values() if isinstance(item, type)}
    assert {type(error) for error in EVERY} == kinds - {Path}


def test_what_a_user_can_mend_is_told_from_bugs():
    mendable = {kind for kind in map(type, EVERY) if issubclass(kind, errors.UserError)}
    assert mendable == {
        errors.UserError,
        errors.UnreadableFileError,
        errors.ModelError,
        errors.LibraryError,
        errors.DamagedLibraryError,
    }


def test_an_unreadable_file_says_which_and_why():
    error = errors.UnreadableFileError(Path("/a/b.jpg"), "the file is empty")
    assert (error.path, error.reason) == (Path("/a/b.jpg"), "the file is empty")
    assert str(error) == "/a/b.jpg: the file is empty"
