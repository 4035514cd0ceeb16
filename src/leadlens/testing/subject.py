"""What the suite tries: an adapter and the emulated account that judges it, with an audit of every call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import attrs
import pytest

from leadlens import errors, recent
from leadlens.adapter import Adapter
from leadlens.client import Client
from leadlens.connecting import connect
from leadlens.emulation.clock import VirtualClock
from leadlens.emulation.truth import Change, Entry
from leadlens.emulation.vendor import Vendor
from leadlens.http.driver import Sent
from leadlens.sandbox import finding
from leadlens.sandbox.box import Sandbox

LATER = 2_000.0
"""Seconds after which nothing is under way any more."""
MOST_CALLS = 5_000
"""No check needs so many calls."""
MOST_WAITS = 1_000
"""No flow waits so often without a call in between."""


@attrs.define
class Patience(VirtualClock):
    """A virtual clock that runs out of patience: it never stops by itself, whoever waits."""

    waits: int = 0
    after: str = "nothing"

    def called(self, name: str) -> None:
        """Take note of a call: who waits now waits for it."""
        self.waits, self.after = 0, f"the call {name!r}"

    def sleep(self, seconds: float) -> None:
        """Let time pass, and fail the test where nothing else has happened for long."""
        self.waits += 1
        if self.waits > MOST_WAITS:
            told = f"{MOST_WAITS} waits in a row, and before them {self.after}: a flow does not end"
            pytest.fail(told, pytrace=False)
        self.advance(seconds)


@attrs.frozen
class Scene:
    """An emulated account with a client of it, what each call told, and what the account knows that it did."""

    sandbox: Sandbox
    client: Client
    sent: list[Sent] = attrs.field(factory=list)

    @property
    def name(self) -> str:
        """The CRM's name."""
        return self.client.adapter.name

    @property
    def entries(self) -> list[Entry]:
        """The calls of the truth log, in their order."""
        return self.sandbox.truth.entries(self.name)

    def conversions(self, lead_id: str) -> int:
        """Return how often a lead was converted, by the truth log."""
        changes, names = self.sandbox.truth.changes(self.name), self.names
        done = (change for change in changes if change.sequence and change.what == "converted")
        return sum(names[change.kind, change.id] == lead_id for change in done)

    @property
    def names(self) -> Mapping[tuple[str, int], str]:
        """What the CRM calls each record, by the kind and number of the truth log: its ``id``, where it has one."""
        found: dict[tuple[str, int], str] = {}
        for change in self.sandbox.truth.changes(self.name):
            found.setdefault((change.kind, change.id), str((change.record or {}).get("id", change.id)))
        return found

    def last(self, identity: str | None) -> Change:
        """Return the last change that shows a record as it is."""
        names = self.names
        changes = reversed(self.sandbox.truth.changes(self.name))
        return next(one for one in changes if names[one.kind, one.id] == identity and one.record)

    def audit(self) -> Iterator[str]:
        """Yield what the adapter said of its calls that is not what the account did."""
        entries = self.entries
        if len(entries) == len(self.sent):
            for sent, entry in zip(self.sent, entries, strict=True):
                yield from audited(sent, entry)


def audited(sent: Sent, entry: Entry) -> Iterator[str]:
    """Yield what is false about one call: a read that writes, a refusal that was done, a success that was none."""
    call = f"the call {sent.name!r} ({entry.method}, {entry.operation})"
    did = ", ".join(dict.fromkeys(f"{change.what} {change.kind}" for change in entry.changes))
    if sent.step == "read" and did:
        yield f"{call} says that it only reads, and it {did}: it would be sent again whenever its reply is lost"
    kind = getattr(errors, sent.error or "", None)
    if kind is not None and issubclass(kind, errors.RefusedError) and did:
        yield f"{call} was answered {sent.status} and told as refused ({sent.error}), and it {did}"
    if sent.error is None and entry.status is not None and not 200 <= entry.status < 300:
        yield f"{call} was answered {entry.status}, and is told as done: an error was called success"


@attrs.frozen
class Subject:
    """An adapter, and the sandbox of its CRM: found beside the adapter or by entry point, unless given.

    ``switches`` say which of the behaviours that nobody has recorded the account has where records are tried.
    """

    adapter: Adapter
    given: Vendor | None = None
    switches: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def vendor(self) -> Vendor:
        """The sandbox of the CRM."""
        return self.given or finding.get(self.adapter.name)

    def kept(self) -> AbstractContextManager[Scene]:
        """Give an empty account with the chosen switches, for what is written and read back."""
        return self.scene(switches={f"{self.adapter.name}.{name}": option for name, option in self.switches.items()})

    @contextmanager
    def scene(self, **options: Any) -> Iterator[Scene]:
        """Give an emulated account of its own, empty unless ``data`` says otherwise, and a client of it.

        What this process remembers of other accounts is forgotten before.
        """
        recent.forget()
        sent: list[Sent] = []
        clock = Patience()

        def told(one: Sent) -> None:
            sent.append(one)
            clock.called(one.name)
            if len(sent) > MOST_CALLS:
                pytest.fail(f"{MOST_CALLS} calls, the last of them {one.name!r}: a flow does not end", pytrace=False)

        with (
            Sandbox(**{"data": "empty", "vendors": [self.vendor], "clock": clock, **options}) as sandbox,
            connect(self.adapter, sandbox=sandbox, hook=told) as client,
        ):
            yield Scene(sandbox, client, sent)
