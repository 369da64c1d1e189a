"""From pixels to faces and vectors: the networks, run by ONNX Runtime, and what prepares for them.

Importing the package registers the networks' classes; ONNX Runtime loads with the first of them.
"""

from photoclust.vision import centerface, embedder, mtcnn

__all__ = ["centerface", "embedder", "mtcnn"]
