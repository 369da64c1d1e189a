"""What every layer shares: types, errors, progress, settings, paths and metrics. No I/O of photos."""
