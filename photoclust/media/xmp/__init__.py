"""XMP (ISO 16684-1): packets in files and beside them, and what they say about faces."""
