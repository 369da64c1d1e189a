"""By which methods faces are grouped, and how."""

from dataclasses import dataclass

METHODS = ("hdbscan", "agglomerative")
"""Those that find out for themselves how many people there are; `KMEANS` has to be told."""
KMEANS = "kmeans"


@dataclass(frozen=True, slots=True)
class Parameters:
    """How faces are grouped; the defaults are for every library.

    Some are how many standard deviations above the mean of strangers (see `strangers`) cosines are:
    `link` of two faces that hold a dense group together; `vote` of a face and the nearest faces of
    a group that takes it in; `alike` of the faces of a group, on average, that is not looked at
    again; `apart` of parts of a group that stays whole; `merge` of the middles of two groups that
    are one person, `ask` of those that may be, `rival` of the next best at least.

    In a large library chance brings about more. `link_chance`: links to strangers a face may have;
    `merge_chance`: groups of strangers that a group may be joined with; `pair_share`, `join_share`
    and `vote_share`: wrong ones among the pairs found, and the faces taken in by their likeness to
    the middle of a group and to its nearest faces; `known_share`: among what people who are known
    take in, and themselves.

    Faces of less than `founding_quality` join groups but never found or bridge them; dense groups
    have at least `big` faces. `min_samples`, `selection` and `epsilon` are HDBSCAN's; `linkage` is
    the cosine down to which average linkage takes nothing apart; `groups` the number of groups that
    k-means makes; `neighbours` how many edges a face has in the graph.
    """

    link: float = 3.75
    link_chance: float = 0.3
    vote: float = 2.9
    alike: float = 3.1
    apart: float = 1.0
    merge: float = 5.0
    merge_chance: float = 0.02
    ask: float = 3.5
    rival: float = 2.0
    pair_share: float = 0.01
    join_share: float = 0.003
    vote_share: float = 0.1
    known_share: float = 0.01
    founding_quality: float = 0.12
    big: int = 5
    min_samples: int = 2
    selection: str = "eom"
    epsilon: float = 0.0
    linkage: float = 0.6
    groups: int | None = None
    neighbours: int = 64
