"""Min-hash bands by rensa."""

from service.domain.news.duplicate import bands

PERMUTATIONS, SEED = 128, 20261123
"""64 bands of two rows: texts that share 80 % of their shingles meet in one with certainty above 1 − 10⁻²³."""


class RensaFingerprints:
    """Implements `ports.Fingerprints`."""

    def bands(self, shingles: frozenset[str]) -> list[int]:
        """Signed 64-bit integers; near duplicates share at least one."""
        from rensa import RMinHash  # noqa: PLC0415  only the analysing worker needs it

        minhash = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
        minhash.update(sorted(shingles))
        return bands([int(value) for value in minhash.digest()])
