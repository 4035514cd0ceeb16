"""What a vendor exports as ``SANDBOX`` (entry points ``leadlens.sandboxes``), and what its handlers are given."""

from __future__ import annotations

import difflib
import hashlib
import random
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

import attrs

from leadlens.emulation.limits import Limit
from leadlens.emulation.messages import Reply, Request, saved
from leadlens.emulation.routing import Route, RouteTable
from leadlens.emulation.store import Layout, Store
from leadlens.errors import UsageError


@attrs.define
class World:
    """What a handler works with, for the time of one call.

    ``now`` is the time of the call in Unix seconds: every timestamp comes from it. ``url`` is the vendor's prefix as
    the client sees it, for links. ``switches`` holds the option that is set of each of the vendor's switches.
    ``sequence`` is the number of the call in the truth log.
    """

    store: Store
    now: float
    url: str
    switches: Mapping[str, str]
    seed: int
    sequence: int

    def token(self, purpose: str = "") -> str:
        """Return 32 hexadecimal digits that no other call or purpose has, and that the same run has again."""
        text = f"{self.seed}:{self.store.vendor}:{self.sequence}:{purpose}"
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    def later(self, request: Request, seconds: float) -> None:
        """Let a request be carried out by itself some seconds from now, once per call: for what a vendor does as a job.

        Its changes belong to the call that asked for it, at the time at which they are due.
        """
        row = (self.sequence, self.now + seconds, self.store.vendor, saved(request))
        self.store.database.execute("INSERT INTO pending VALUES (?, ?, ?, ?)", *row)


Dressed: TypeAlias = Callable[[World, Request, str], Reply]
Loader: TypeAlias = Callable[[World, random.Random], None]


@attrs.frozen(kw_only=True)
class Dress:
    """The vendor's own form of what the kit answers in its name; the text is what was not understood.

    ``route``: no such path. ``method``: the path does not take it. ``body``: no JSON. ``too_many``: 429, the text picks
    a form (the vendor's usual one for any other text). ``failed``: the text is the status, 500 or 503.
    ``expired``: 401. ``scheduled``: 202.
    """

    route: Dressed
    method: Dressed
    body: Dressed
    too_many: Dressed
    failed: Dressed
    expired: Dressed
    scheduled: Dressed


@attrs.frozen
class Switch:
    """Behaviour that nobody has recorded: its options, each with a sentence; the default is the dangerous one."""

    name: str
    options: Mapping[str, str]
    default: str


@attrs.frozen(kw_only=True)
class Vendor:
    """One vendor's sandbox.

    ``bases`` are the base URLs a program is given, after the prefix ``/name``, by version (``""`` is the default one).
    ``authenticate`` raises :class:`~leadlens.emulation.messages.Refusal` for a request without good credentials.
    ``setup`` makes what every account has (users, pipelines, definitions), ``demo`` records to try things with; both
    draw only from the random numbers that they are given. ``credentials`` are headers that work.
    """

    name: str
    title: str
    bases: Mapping[str, str]
    routes: tuple[Route, ...]
    layout: Layout
    dress: Dress
    authenticate: Callable[[World, Request], None]
    setup: Loader
    demo: Loader
    credentials: Mapping[str, str]
    example: str
    switches: tuple[Switch, ...] = ()
    limits: tuple[Limit, ...] = ()
    table: RouteTable = attrs.field(init=False)

    @table.default
    def _table(self) -> RouteTable:
        return RouteTable(self.routes)

    def set_switches(self, wanted: Mapping[str, str]) -> dict[str, str]:
        """Return the option of every switch; raises :class:`UsageError` for a switch or option that is not there."""
        known = {switch.name: switch for switch in self.switches}
        for name, option in wanted.items():
            if name not in known:
                raise UsageError(f"the sandbox of {self.title} has no switch {name!r}; {_hint(name, known)}")
            if option not in known[name].options:
                raise UsageError(f"{self.name}.{name} has no option {option!r}; {_hint(option, known[name].options)}")
        return {switch.name: wanted.get(switch.name, switch.default) for switch in self.switches}


def _hint(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"there are {', '.join(sorted(known)) or 'none'}"
