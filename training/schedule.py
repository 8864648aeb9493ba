"""The course of the learning rate."""


def rate(step: int, steps: int, warm_up: float) -> float:
    """Share of the full learning rate: a straight rise, then a straight fall to 0."""
    rise = max(1, int(steps * warm_up))
    return min((step + 1) / rise, max(0.0, (steps - step) / max(1, steps - rise)))
