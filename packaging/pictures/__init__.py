"""The window brought to everything that it can show, for pictures of it."""
