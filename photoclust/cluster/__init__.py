"""Grouping of face vectors: arrays in, labels out. No SQL, no Qt, no files."""

from photoclust.cluster.engine import METHODS, Grouping, cluster_faces

__all__ = ["METHODS", "Grouping", "cluster_faces"]
