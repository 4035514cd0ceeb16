"""Which handler a method and a path belong to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias

import attrs

from leadlens.emulation.messages import Reply, Request

if TYPE_CHECKING:
    from leadlens.emulation.vendor import World

Handler: TypeAlias = "Callable[[World, Request], Reply]"


@attrs.frozen
class Route:
    """``operation`` is its name in the truth log and the fault plan: the contract's operationId.

    ``path`` begins after the vendor's prefix and may have parts ``{name}``, or ``{name:regex}``, each within one
    segment. ``search`` says that its reads lag behind under the fault ``stale_search``; ``open`` that it needs no
    credentials; ``cost`` what it takes of a rate limit.
    """

    method: str
    path: str
    operation: str
    handler: Handler
    search: bool = attrs.field(default=False, kw_only=True)
    open: bool = attrs.field(default=False, kw_only=True)
    cost: int = attrs.field(default=1, kw_only=True)


_PART = re.compile(r"{(\w+)(?::((?:[^{}]|{[^{}]*})*))?}")


class RouteTable:
    """All routes of a vendor; of several that fit, the one with fewer variable parts is taken."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(sorted(routes, key=lambda route: len(_PART.findall(route.path))))
        self._compiled: dict[int, list[tuple[re.Pattern[str], Route]]] = {}
        for route in self.routes:
            self._compiled.setdefault(route.path.count("/"), []).append((_pattern(route.path), route))

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | list[str]:
        """Return the route and the values of its parts, or the methods that the path does take (none: no such path)."""
        methods: list[str] = []
        for pattern, route in self._compiled.get(path.count("/"), ()):
            if found := pattern.fullmatch(path):
                if route.method == method:
                    return route, found.groupdict()
                methods.append(route.method)
        return methods


def _pattern(path: str) -> re.Pattern[str]:
    out, end = "", 0
    for part in _PART.finditer(path):
        out += re.escape(path[end : part.start()]) + f"(?P<{part[1]}>{part[2] or '[^/]+'})"
        end = part.end()
    return re.compile(out + re.escape(path[end:]))
