"""Read models of accounts and keys, shared by the command line, the API and the pages. No secrets."""

from typing import Any

from service.domain.access import Account, ApiKey
from service.operations.present import moment

Json = dict[str, Any]


def account(a: Account) -> Json:
    """An account."""
    return {
        "id": a.id,
        "name": a.name,
        "role": str(a.role),
        "disabled": a.is_disabled,
        "external": bool(a.external_id),
        "subscriber": a.subscriber_id or None,
        "created_at": moment(a.created_at),
        "seen_at": moment(a.seen_at),
    }


def key(k: ApiKey) -> Json:
    """A key, by its beginning."""
    return {
        "id": k.id,
        "name": k.name,
        "beginning": k.beginning,
        "scopes": sorted(map(str, k.scopes)),
        "created_at": moment(k.created_at),
        "created_by": k.created_by,
        "expires_at": moment(k.expires_at),
        "revoked_at": moment(k.revoked_at),
        "used_at": moment(k.used_at),
    }
