def speed(bench):
    """TODO"""
