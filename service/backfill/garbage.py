"""When a process that goes through an archive looks for garbage."""

import gc

_SELDOM = (20_000, 20, 100)


def collect_seldom() -> None:
    """Look at what was made since, and not often: nearly all of it is freed without, and what was
    imported stays (docs.python.org/3/library/gc.html).
    """
    gc.freeze()
    gc.set_threshold(*_SELDOM)
