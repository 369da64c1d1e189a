"""photoclust: a private desktop photo organiser that knows faces.

Importing the package loads neither Qt nor torch nor ONNX Runtime.
"""

__version__ = "0.1.0"
