"""Item models by id: they hold frozen values from the services and know how lists change."""
