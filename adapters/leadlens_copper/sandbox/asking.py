"""Query parameters: which a call knows, and what they say. What Copper does with others is not recorded [?]: 422."""

from __future__ import annotations

from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Handler
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox.dress import invalid


def knows(handler: Handler, *keys: str) -> Handler:
    """Return the handler for requests with these query parameters only."""

    def checked(world: World, request: Request) -> Reply:
        for key, _ in request.query:
            if key not in keys:
                raise invalid(f"query parameter {key}")
        return handler(world, request)

    return checked


def says(request: Request, key: str) -> bool:
    """Return a flag of the query, false unless given."""
    value = request.param(key, "false")
    if value not in {"true", "false"}:
        raise invalid(f"query parameter {key}")
    return value == "true"


def asks_computed(request: Request) -> bool:
    """Say whether custom fields are wanted with ``computed_value``."""
    return bool(request.query) and says(request, "custom_field_computed_values")
