"""Drivers for tests: of the three CRMs over a link, and over a script of replies on a virtual clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from leadlens import registry
from leadlens.access import Access
from leadlens.flow import Call, Reply
from leadlens.http.account import account
from leadlens.http.clock import Clock, SystemClock
from leadlens.http.driver import Driver, Hook, Sent

GIVEN: Mapping[str, Mapping[str, str]] = {
    "copper": {"token": "t", "email": "ada@example.com"},
    "zoho": {"access_token": "t"},
    "base": {"token": "t"},
}


def of_vendor(vendor: str, clock: Clock | None = None, hook: Hook | None = None, **given: str) -> Driver:
    """Return the driver of an account of a CRM, as clients have it."""
    adapter = registry.get(vendor)
    assert adapter.access is not None
    access: Access = adapter.access()
    found = account(vendor, access, access.check({**GIVEN[vendor], **given}, vendor), clock or SystemClock())
    return Driver(
        vendor=vendor,
        link=found.link,
        credentials=found.credentials,
        governor=found.governor,
        classify=adapter.classify,
        cost=access.cost,
        clock=found.link.clock,
        rest=access.rest,
        deadline=3.0,
        hook=hook,
        account=found,
    )


@attrs.define
class Virtual:
    """A clock that stands still but for what sleeps on it; remembers each sleep."""

    instant: float = 1_000.0
    slept: list[float] = attrs.field(factory=list)

    def now(self) -> float:
        return self.instant

    def wall(self) -> float:
        return 1_800_000_000.0 + self.instant

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.instant += seconds


Answer = Reply | Exception | Callable[[Call, Mapping[str, str]], Reply]


@attrs.define
class Scripted:
    """Stands in for a link: gives the answers of a script, the last one for ever, and keeps what was sent."""

    clock: Virtual
    script: list[Answer]
    base_url: str = "https://api.getbase.com"
    sent: list[tuple[Call, Mapping[str, str]]] = attrs.field(factory=list)
    forms: list[tuple[str, Mapping[str, str]]] = attrs.field(factory=list)
    tokens: list[Answer] = attrs.field(factory=list)

    def send(self, call: Call, headers: Mapping[str, str], within: float) -> Reply:
        self.sent.append((call, headers))
        return self._next(self.script, call, headers)

    def post_form(self, url: str, form: Mapping[str, str], headers: Mapping[str, str], within: float) -> Reply:
        self.forms.append((url, dict(form)))
        return self._next(self.tokens, Call("token", "read", "POST", url), headers)

    def check(self, url: str) -> None:
        """Allow all."""

    def move(self, url: str) -> None:
        self.base_url = url

    def _next(self, script: list[Answer], call: Call, headers: Mapping[str, str]) -> Reply:
        self.clock.instant += 0.25
        answer = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Reply) else answer(call, headers)


def scripted(
    script: Iterable[Answer], vendor: str = "base", tokens: Iterable[Answer] = (), **given: str
) -> tuple[Driver, Scripted, list[Sent]]:
    """Return a driver over a script, the script's link, and what its hook is told."""
    from leadlens.http.auth import Credentials
    from leadlens.http.pacing import Governor

    adapter = registry.get(vendor)
    assert adapter.access is not None
    access: Access = adapter.access()
    clock, told = Virtual(), list[Sent]()
    link: Any = Scripted(clock, list(script), tokens=list(tokens))
    credentials = Credentials(access, access.check({**GIVEN[vendor], **given}, vendor), link, clock, vendor)
    made = Driver(
        vendor=vendor,
        link=link,
        credentials=credentials,
        governor=Governor(access.windows, access.concurrent, clock),
        classify=adapter.classify,
        cost=access.cost,
        clock=clock,
        rest=access.rest,
        hook=told.append,
    )
    return made, link, told
