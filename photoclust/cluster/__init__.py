"""Grouping of face vectors: arrays in, labels out. No SQL, no Qt, no files."""

from photoclust.cluster.engine import NEW, Grouping, cluster_faces
from photoclust.cluster.parameters import METHODS

__all__ = ["METHODS", "NEW", "Grouping", "cluster_faces"]
