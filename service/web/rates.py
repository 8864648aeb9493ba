"""How much one who asks may ask: so many requests a minute, and so many that put articles in."""

from math import ceil

from fastapi import HTTPException, Request

from service.adapters.limiter import Allowance, Meter
from service.config.settings import ApiSettings
from service.domain.access import Means, Principal, Scope

REQUESTS, PUSHES = "requests", "pushes"


class Rates:
    """Counts, in this process, by who asks; those we do not know by where they come from."""

    def __init__(self, chosen: ApiSettings) -> None:
        self._meter = Meter({REQUESTS: chosen.per_minute, PUSHES: chosen.pushes_per_minute})

    def count(self, request: Request, asker: Principal, scope: Scope) -> None:
        """Count a request and leave what is left in `request.state.rate`, as headers. Raises HTTPException."""
        kind = PUSHES if scope is Scope.PUSH else REQUESTS
        found = self._meter(kind, who_of(request, asker))
        request.state.rate = _headers(kind, found)
        if found.is_spent:
            raise HTTPException(429, "too many requests: wait a while", {"Retry-After": str(ceil(found.seconds))})


def who_of(request: Request, asker: Principal) -> str:
    """Whose requests are counted together."""
    if asker.means is not Means.NOBODY:
        return asker.actor
    return f"address:{request.client.host if request.client else ''}"


def _headers(kind: str, found: Allowance) -> dict[str, str]:
    return {
        "RateLimit-Policy": f'"{kind}";q={found.most};w=60',
        "RateLimit": f'"{kind}";r={found.left};t={ceil(found.seconds)}',
    }
