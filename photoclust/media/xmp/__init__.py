"""XMP (ISO 16684-1): the names of people that stand in photos and in sidecars beside them."""
