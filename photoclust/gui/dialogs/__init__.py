"""What opens over a page: naming, messages."""
