"""Which language whoever follows a link reads."""

from service.operations.subscribers import Registry
from service.ports import Purpose


def language_behind(registry: Registry, token: str) -> str:
    """The language of the subscriber a link is for, empty for one that is not ours or whose subscriber is gone.

    Raises ConfigError where links cannot be read at all.
    """
    vault = registry.vault()
    parts = vault.read(Purpose.CONFIRM, token) or vault.read(Purpose.UNSUBSCRIBE, token)
    with registry.units(read_only=True) as unit:
        found = unit.subscribers.get(parts[0] if parts else "")
    return found.language if found else ""
