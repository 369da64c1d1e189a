"""Grouping of face vectors: arrays in, labels out. No SQL, no Qt, no files."""

from photoclust.cluster.engine import METHODS, NEW, Grouping, cluster_faces

__all__ = ["METHODS", "NEW", "Grouping", "cluster_faces"]
