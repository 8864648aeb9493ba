"""A line that says how far a long run is."""

import sys
import time


class Progress:
    """Counts steps; one line that rewrites itself, or one line in a hundred steps where it cannot."""

    def __init__(self, what: str, steps: int) -> None:
        self.what, self.steps = what, steps
        self.done, self.total, self.began = 0, 0.0, time.monotonic()

    def show(self, loss: float) -> None:
        """One more step is done, with this loss."""
        self.done, self.total = self.done + 1, self.total + loss
        if not sys.stderr.isatty() and self.done % 100 and self.done != self.steps:
            return
        bar = ("#" * (24 * self.done // self.steps)).ljust(24, ".")
        left = (time.monotonic() - self.began) / self.done * (self.steps - self.done)
        end = "\r" if sys.stderr.isatty() and self.done != self.steps else "\n"
        mean = self.total / self.done
        sys.stderr.write(f"{self.what} [{bar}] {self.done}/{self.steps} loss {mean:.3f} {left:.0f} s left{end}")
        sys.stderr.flush()
