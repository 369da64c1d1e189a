"""A library with people whose vectors are made up."""

import pytest


@pytest.fixture
def crowd(library, crowd_in):
    return crowd_in(library)


@pytest.fixture(scope="session")
def made_album(begin_library, crowd_in):
    """Folder and faces of the `album`."""
    from photoclust.services import deciding, naming
    from photoclust.store import cluster_table
    from photoclust.store.cluster_table import ClusterContent

    with begin_library() as library:
        crowd = crowd_in(library)
        for number in range(10):
            first, *others = crowd.photos_of(number, 4)
            named = naming.name(library, f"f{first}", f"Person {number}")
            deciding.move(library, [f"f{face}" for face in others], f"p{named.person}")
        alone, group = crowd.photos_of(0, 4), crowd.photos_of(1, 3)
        halves = crowd.photos_of(51, 5), crowd.photos_of(51, 4)
        with library.write() as tx:
            contents = [ClusterContent(None, None, faces) for faces in (group, *halves)]
            cluster_table.add_to_clusters(tx, contents, ())
    return library.folder, (alone, group, *halves)


@pytest.fixture
def album(library, made_album, fill):
    """Ten known people of four faces; four more of the first by themselves, three of the second in
    g1, nine of a stranger in g2 and g3. Gives these faces.
    """
    folder, faces = made_album
    fill(library, folder)
    return faces
