"""Honest ratios: both sides in the same run, in turn, medians."""

import gc
import statistics
import time
from collections.abc import Callable


def median_seconds(act: Callable[[], object], *, repeats: int = 9) -> float:
    """Median CPU time of one call, in seconds."""
    taken = []
    gc.collect()
    gc.disable()
    try:
        for _ in range(repeats):
            start = time.process_time()
            act()
            taken.append(time.process_time() - start)
    finally:
        gc.enable()
    return statistics.median(taken)


def percentile(values: list[float], share: float) -> float:
    """The value below which a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
