"""``Sandbox``: one emulated account of each CRM, in this process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from leadlens.emulation.clock import Clock, VirtualClock
from leadlens.emulation.database import Database
from leadlens.emulation.engine import Engine
from leadlens.emulation.faults import Fault, FaultPlan, Faults, read_plan
from leadlens.emulation.limits import Limit
from leadlens.emulation.store import Store
from leadlens.emulation.truth import LOADED, TruthLog
from leadlens.emulation.vendor import Vendor, World
from leadlens.emulation.wsgi import Application
from leadlens.errors import UsageError
from leadlens.sandbox import control as control_routes
from leadlens.sandbox import finding

if TYPE_CHECKING:
    import requests

    from leadlens.sandbox.transport import Transport

ORIGIN = "https://sandbox.invalid"
"""Where the sandbox is in process: a name that no resolver knows, so that nothing can reach the network by mistake."""


class Sandbox:
    """Emulated accounts that answer as the CRMs do, with no network and no harm; a context manager.

    ``seed`` decides the data and every chance. ``data`` is ``demo``, or ``empty``: no records, but users, pipelines and
    definitions. ``db`` is a file that survives a restart; what is in it stays as it is. ``faults`` is a plan, its
    file, or faults. ``clock`` is virtual unless given. ``switches`` chooses between behaviours that nobody has recorded
    (``{"base.second_convert": "refused"}``). ``limits`` switches the vendors' rate limits on, or gives others by
    vendor. ``control`` opens ``/_sandbox`` to clients. ``vendors`` are all that are installed unless named, or given.

    Raises :class:`UsageError` for a name, switch, fault or file that cannot be meant.
    """

    def __init__(
        self,
        seed: int = 7,
        *,
        data: Literal["demo", "empty"] = "demo",
        db: str | Path | None = None,
        faults: FaultPlan | Iterable[Fault] | str | Path | Mapping[str, Any] | None = None,
        clock: Clock | None = None,
        switches: Mapping[str, str] | None = None,
        limits: bool | Mapping[str, Sequence[Limit]] = False,
        control: bool = False,
        vendors: Iterable[str | Vendor] | None = None,
        origin: str = ORIGIN,
    ) -> None:
        if data not in {"demo", "empty"}:
            raise UsageError(f"data is 'demo' or 'empty', not {data!r}")
        self.seed, self.data, self.origin = seed, data, origin
        asked = (finding.get(one) if isinstance(one, str) else one for one in vendors or finding.names())
        self.vendors = {vendor.name: vendor for vendor in asked}
        self.faults = Faults(read_plan(faults, seed))
        chosen = _switches(self.vendors, switches or {})
        given = {n: v.limits for n, v in self.vendors.items()} if limits is True else limits or {}
        self._database = Database(db)
        self.clock: Clock = clock if clock is not None else _resumed(self._database)
        self.engine = Engine(
            self.vendors,
            self._database,
            self.clock,
            self.faults,
            seed=seed,
            origin=origin,
            switches=chosen,
            limits=given,
        )
        self.truth = TruthLog(self._database, self.engine.settle)
        self.app = Application(self.engine, control_routes.controls(self) if control else None)
        self._load()

    def _load(self) -> None:
        if self._database.fact("loaded") is None:
            self.engine.load(demo=self.data == "demo")
            self._database.remember("loaded", self.data)

    @property
    def transport(self) -> Transport:
        """A transport for ``requests`` that calls the sandbox without a socket, and reaches nothing else."""
        from leadlens.sandbox.transport import Transport

        return Transport(self.app, self.origin, self.clock)

    def session(self, vendor: str | None = None) -> requests.Session:
        """Return a ``requests.Session`` that reaches this sandbox only, with a vendor's good credentials if named."""
        from leadlens.sandbox.transport import session

        credentials = self._vendor(vendor)[0].credentials if vendor else {}
        return session(self.transport, credentials)

    def url(self, vendor: str, path: str = "") -> str:
        """Return the base URL that a program is given for a CRM (``zoho``, ``zoho@v2``), or that of a path below it."""
        found, version = self._vendor(vendor)
        if version not in found.bases:
            known = ", ".join(f"{found.name}@{name}" for name in found.bases if name)
            raise UsageError(f"{found.title} has no version {version!r} here; there are {known or 'none'}")
        return f"{self.root(found.name)}{found.bases[version]}{path}"

    def root(self, vendor: str) -> str:
        """Return the prefix under which everything of a CRM is, its token endpoint too."""
        return f"{self.origin}/{self._vendor(vendor)[0].name}"

    def store(self, vendor: str) -> Store:
        """Return a CRM's records for reading; read it while no call is under way."""
        found, _ = self._vendor(vendor)
        self.engine.settle()
        return Store(self._database, found.name, found.layout)

    @contextmanager
    def world(self, vendor: str) -> Iterator[World]:
        """Give what a handler is given, to put in records as if they had been there from the beginning."""
        with self._database.transaction(LOADED, 0.0):
            yield self.engine.world(self._vendor(vendor)[0], LOADED, self.clock.now())

    def reset(self) -> None:
        """Begin anew: records, ids, truth log, counts of faults and limits, and a virtual clock."""
        with self._database.lock:
            self._database.clear()
            self.engine.restart()
            if isinstance(self.clock, VirtualClock):
                self.clock.instant = VirtualClock().instant
            self._load()

    def close(self) -> None:
        """Let the database go."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _vendor(self, name: str) -> tuple[Vendor, str]:
        plain, _, version = name.partition("@")
        if plain not in self.vendors:
            raise UsageError(f"this sandbox has no {plain!r}; it has {', '.join(self.vendors)}")
        return self.vendors[plain], version


def _resumed(database: Database) -> VirtualClock:
    """Return a virtual clock that goes on where the last call of the database was."""
    last = database.one("SELECT max(at) FROM calls")[0]
    return VirtualClock() if last is None else VirtualClock(last)


def _switches(vendors: Mapping[str, Vendor], wanted: Mapping[str, str]) -> dict[str, dict[str, str]]:
    by_vendor: dict[str, dict[str, str]] = {name: {} for name in vendors}
    for name, option in wanted.items():
        vendor, dot, switch = name.partition(".")
        if not dot or vendor not in vendors:
            raise UsageError(f"a switch is named VENDOR.SWITCH, not {name!r}; vendors are {', '.join(vendors)}")
        by_vendor[vendor][switch] = option
    return {name: vendor.set_switches(by_vendor[name]) for name, vendor in vendors.items()}
