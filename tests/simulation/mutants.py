"""The protocol with one rule switched off: each must be caught."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from leadlens.client import Client
from leadlens.errors import OutcomeUnknownError, TryLaterError, VendorError
from leadlens.flow import Reply
from leadlens.settle import Settler


def _no_probe(client: Client) -> None:
    """Take what is unknown for not done, and send it again."""

    def settler(*, again: bool) -> Settler:
        made = _settler(client, again=again)
        return attrs.evolve(made, probe=_finds_nothing, again=True)

    _settler = type(client)._settler
    client._settler = settler  # type: ignore[method-assign]  # a mutant


def _finds_nothing(_: str) -> Any:
    return None
    yield  # a flow that asks nothing


def _no_quiet_period(client: Client) -> None:
    """Probe at once, and send again what is not found."""
    client._quiet = 0.0
    client.adapter = attrs.evolve(client.adapter, converts_once=True)


def _sends_again_when_not_found(client: Client) -> None:
    """Take a CRM that guards against nothing for one that converts once, after part of the quiet period."""
    client._quiet = 60.0
    client.adapter = attrs.evolve(client.adapter, converts_once=True)


def _server_errors_are_refusals(client: Client) -> None:
    """Take a 500 or 502 for *not done*, and send again."""
    judge = client._driver.classify

    def classify(reply: Reply) -> VendorError | None:
        found = judge(reply)
        if isinstance(found, OutcomeUnknownError) and reply.status >= 500:
            return TryLaterError(found.vendor, status=found.status)
        return found

    client._driver = attrs.evolve(client._driver, classify=classify)


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


def _unknown_is_refused(client: Client) -> None:
    """Tell an unknown outcome as a refusal, without looking."""

    def settle(sending: Any, cause: VendorError) -> Any:
        raise TryLaterError(cause.vendor, status=cause.status)

    def settler(*, again: bool) -> Any:
        del again
        return attrs.make_class("Blind", {"settle": attrs.field(default=settle)})()

    client._settler = settler  # type: ignore[method-assign]  # a mutant


def _no_intent(client: Client) -> None:
    """Forget in the ledger that a call was about to leave."""
    ledger = client._ledger
    assert ledger is not None
    begin = ledger.begin

    def forgetful(key: str, *rest: Any) -> Any:
        return attrs.evolve(begin(key, *rest), state="planned")

    ledger.begin = forgetful  # type: ignore[method-assign,assignment]  # a mutant
    ledger.done = lambda *_: None  # type: ignore[method-assign]  # a mutant


ALL: Mapping[str, Callable[[Client], None]] = {
    "no probe": _no_probe,
    "no quiet period": _no_quiet_period,
    "sends again when not found": _sends_again_when_not_found,
    "server errors are refusals": _server_errors_are_refusals,
    "lost replies are refusals": _lost_replies_are_refusals,
    "unknown is told as refused": _unknown_is_refused,
    "no intent": _no_intent,
}
