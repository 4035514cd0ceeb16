"""The protocol with one rule switched off: each must be caught."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from leadlens.client import Client
from leadlens.conversion import Conversion
from leadlens.errors import OutcomeUnknownError, RateLimitError, TryLaterError, VendorError
from leadlens.flow import Flow, Reply
from leadlens.http.driver import Driver
from leadlens.once import Once
from leadlens.operations import Operations, Page
from leadlens.settle import Operation, Settler


def _driven(client: Client, **changes: Any) -> None:
    """Give a client another driver."""
    client._driver = attrs.evolve(client._driver, **changes)
    client._once = attrs.evolve(client._once, driver=client._driver)


def _writing(client: Client, kind: type[Once]) -> None:
    """Give a client other rules for its writes."""
    once = client._once
    client._once = kind(**{field.name: getattr(once, field.name) for field in attrs.fields(Once)})


class _Sightless(Once):
    """A client that takes what is unknown for not done, and sends it again."""

    def settler(self, *, again: bool) -> Settler:
        return attrs.evolve(super().settler(again=again), probe=_finds_nothing, again=True)


def _heedless(client: Client) -> None:
    """Repeat an upsert without a look at what was converted meanwhile."""
    whole: Operations = client._operations
    blind = attrs.evolve(whole, search=lambda *_: _no_page(), conversions=lambda *_: _no_page())
    client._once = attrs.evolve(client._once, operations=blind)


def _no_page() -> Flow[Page]:
    return Page(())
    yield  # a flow that asks nothing


def _finds_nothing(_: str) -> Flow[Conversion | None]:
    return None
    yield  # a flow that asks nothing


class _Denying(Once):
    """A client that tells an unknown outcome as a refusal, without looking."""

    def _settled(self, operation: Operation, cause: VendorError, *, again: bool) -> Any:
        raise TryLaterError(cause.vendor, status=cause.status)


def _no_quiet_period(client: Client) -> None:
    """Probe at once, and send again what is not found."""
    client._once = attrs.evolve(client._once, quiet=0.0, converts_once=True)


def _sends_again_when_not_found(client: Client) -> None:
    """Take a CRM that guards against nothing for one that converts once, after part of the quiet period."""
    client._once = attrs.evolve(client._once, quiet=60.0, converts_once=True)


def _server_errors_are_refusals(client: Client) -> None:
    """Take a 500 or 502 for *not done*, and send again."""
    judge = client._driver.classify

    def classify(reply: Reply) -> VendorError | None:
        found = judge(reply)
        if isinstance(found, OutcomeUnknownError) and reply.status >= 500:
            return TryLaterError(found.vendor, status=found.status)
        return found

    _driven(client, classify=classify)


def _lost_replies_are_refusals(client: Client) -> None:
    """Take a connection that breaks for *not sent*, and send again."""
    from leadlens.http.link import LostError, NotSentError

    send = client._driver.link.send

    def sending(*arguments: Any) -> Reply:
        try:
            return send(*arguments)
        except LostError as error:
            raise NotSentError(str(error)) from None

    client._driver.link.send = sending  # type: ignore[method-assign,assignment]  # a mutant


class _Hasty(Driver):
    """A driver that does not wait as long as a 429 says."""

    def _hold(self, error: VendorError, wait: float) -> None:
        self.clock.sleep(0.1 if isinstance(error, RateLimitError) else wait)


def _hurries(client: Client) -> None:
    driver = client._driver
    client._driver = _Hasty(**{field.name: getattr(driver, field.name) for field in attrs.fields(Driver)})
    client._once = attrs.evolve(client._once, driver=client._driver)


def _one_witness(client: Client) -> None:
    """Ask Copper's search alone what became of a lead; it may be a minute behind."""
    whole: Operations = client._operations
    ours = attrs.evolve(whole, find_conversion=lambda lead_id: _by_search(whole, lead_id))
    client._once = attrs.evolve(client._once, operations=ours)


def _by_search(operations: Operations, lead_id: str) -> Flow[Conversion | None]:
    from leadlens.operations import Query

    page = yield from operations.search("lead", Query(ids=(lead_id,), converted=True), None)
    if not page.items:
        return None
    return (yield from operations.find_conversion(lead_id))


def _no_intent(client: Client) -> None:
    """Forget in the ledger that a call was about to leave."""
    ledger = client._ledger
    if ledger is None:
        return
    begin = ledger.begin

    def forgetful(key: str, *rest: Any) -> Any:
        return attrs.evolve(begin(key, *rest), state="planned")

    ledger.begin = forgetful  # type: ignore[method-assign,assignment]  # a mutant
    ledger.done = lambda *_: None  # type: ignore[method-assign]  # a mutant


ALL: Mapping[str, tuple[str, Callable[[Client], None]]] = {
    "no probe": ("base", lambda client: _writing(client, _Sightless)),
    "no quiet period": ("base", _no_quiet_period),
    "sends again when not found": ("base", _sends_again_when_not_found),
    "server errors are refusals": ("base", _server_errors_are_refusals),
    "lost replies are refusals": ("base", _lost_replies_are_refusals),
    "unknown is told as refused": ("base", lambda client: _writing(client, _Denying)),
    "no intent": ("base", _no_intent),
    "one witness": ("copper", _one_witness),
    "a 429 is not heeded": ("base", _hurries),
    "an upsert after a conversion": ("copper", _heedless),
}
"""By name: the CRM on which the rule shows, and what switches it off in a client."""
