"""Where configuration lets requests go."""

from service.adapters.net.addresses import Reach
from service.config.settings import IntakeSettings, NotifySettings


def reach_of(chosen: IntakeSettings | NotifySettings) -> Reach:
    """What may be dialled besides the public internet."""
    return Reach(chosen.allow_private, chosen.allow_networks)
