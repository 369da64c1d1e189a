from photoclust.store.chunks import chunks


def test_chunks_cover_everything_once():
    assert list(chunks([1, 2, 3, 4, 5], 2)) == [[1, 2], [3, 4], [5]]
    assert list(chunks([], 2)) == []
