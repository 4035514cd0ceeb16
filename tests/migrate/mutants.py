"""The protocol of migrations with one rule switched off: each must be caught."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from leadlens.errors import InvalidRequestError, RateLimitError, VendorError
from leadlens.flow import Reply
from leadlens.migrate.work import Work
from leadlens.store import FencedError
from leadlens_copper.conversions import _conversion, _into, _told


def _operations(work: Work, **changes: Any) -> None:
    client = work.hand.client
    client._operations = attrs.evolve(client._operations, **changes)


def _no_probe(work: Work) -> None:
    """Never find a conversion, and send again."""

    def finds_nothing(_: str) -> Any:
        return None
        yield  # a flow that asks nothing

    _operations(work, find_conversion=finds_nothing)


def _no_quiet_period(work: Work) -> None:
    """Look at once, and send again what is not found."""
    work.settled = lambda *_: None  # type: ignore[method-assign]  # a mutant


def _no_fence(work: Work) -> None:
    """Ask nobody in the last moment before a write leaves."""
    work.fence = lambda *_: lambda: None  # type: ignore[method-assign]  # a mutant


def _no_send_by(work: Work) -> None:
    """Let a write leave at any time, as long as nobody has taken over."""

    def fence(item: Any, _: Any) -> Callable[[], None]:
        def ask() -> None:
            work.book.fence()
            there = work.book.item(item.op_id)
            if (there.state, there.epoch) != (item.state, item.epoch):
                raise FencedError("mutant")

        return ask

    work.fence = fence  # type: ignore[method-assign,assignment]  # a mutant


def _no_claim(work: Work) -> None:
    """Let two conversions have one lead of the target."""
    work.book._claim = lambda _: None  # type: ignore[method-assign,assignment]  # a mutant


def _no_epoch(work: Work) -> None:
    """Let whoever was taken over go on, where the state of a row has not changed."""
    work.book.fence = lambda: None  # type: ignore[method-assign]  # a mutant
    item = work.book.item

    def unfenced(op_id: str) -> Any:
        return attrs.evolve(item(op_id), epoch=work.book.epoch)

    change = work.book.store.change

    def unchecked(name: str, key: Any, expected: Any, values: Any) -> Any:
        return change(name, key, {column: value for column, value in expected.items() if column != "epoch"}, values)

    work.book.item = unfenced  # type: ignore[method-assign]  # a mutant
    work.book.store.change = unchecked  # type: ignore[method-assign]  # a mutant


def _one_witness(work: Work) -> None:
    """Take a search for the whole truth, however far it is behind."""

    def searched(lead_id: str) -> Any:
        told = yield from _told(None, lead_id)
        into = _into(told)
        return None if into is None else _conversion(lead_id, into, None, None)

    _operations(work, find_conversion=searched)


def _too_many_is_final(work: Work) -> None:
    """Take a 429 for a refusal of the record."""
    client = work.hand.client
    judge = client._driver.classify

    def classify(reply: Reply) -> VendorError | None:
        found = judge(reply)
        if isinstance(found, RateLimitError):
            return InvalidRequestError(found.vendor, status=found.status)
        return found

    client._driver = attrs.evolve(client._driver, classify=classify)


def _upserts_again(work: Work) -> None:
    """Write the lead anew after a convert whose outcome is unknown."""
    move = work.book.move

    def moved(item: Any, state: Any, **more: Any) -> Any:
        made = move(item, state, **more)
        if state == "unknown" and item.action == "convert":
            return move(made, "source_read", sent_epoch=0, action=None)
        return made

    work.book.move = moved  # type: ignore[method-assign]  # a mutant


ALL: Mapping[str, tuple[str, Callable[[Work], None]]] = {
    "no probe": ("base", _no_probe),
    "no quiet period": ("base", _no_quiet_period),
    "no fence": ("base", _no_fence),
    "no send-by": ("base", _no_send_by),
    "no claim": ("base", _no_claim),
    "no epoch": ("base", _no_epoch),
    "one witness": ("copper", _one_witness),
    "too many is final": ("base", _too_many_is_final),
    "upserts again": ("copper", _upserts_again),
}
"""Each mutant, and the CRM on which it shows first."""
