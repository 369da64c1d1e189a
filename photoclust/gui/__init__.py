"""The window. PySide6 lives here and nowhere else; everything heavier than a widget is a job."""
