"""What every layer shares: types, errors, progress, settings, paths, metrics. No I/O of photos."""
