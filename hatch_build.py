"""Build hook: an editable installation reads model and configuration from the checkout, so it must not copy them."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ShippedOnce(BuildHookInterface):  # type: ignore[type-arg,misc]
    """Keeps the forced files of the wheel out of an editable installation."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Replace them by the notice alone; the builder takes an empty map for "as in a wheel"."""
        if version == "editable":
            build_data["force_include_editable"] = {"NOTICE": "service/_shipped/NOTICE"}
