"""One account a process: clients of the same account share what counts its calls and renews its tokens."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from leadlens import Sandbox, connecting, registry
from leadlens.http.account import account
from leadlens.http.clock import SystemClock


def made(vendor: str = "base", **given: str) -> Any:
    access = registry.get(vendor).access
    assert access is not None
    return account(vendor, access(), access().check(given, vendor), SystemClock())


def test_clients_of_one_account_share_one_governor() -> None:
    """What the one has used, the other cannot."""
    first, second = connecting.connect("base", token="same"), connecting.connect("base", token="same")
    assert first._driver.governor is second._driver.governor
    assert first._driver.credentials is second._driver.credentials


@pytest.mark.parametrize(
    "other", [{"token": "b"}, {"token": "a", "base_url": "https://x.example"}, {"token": "a", "client_id": "a"}]
)
def test_other_accounts_have_their_own(other: dict[str, str]) -> None:
    """Another token, another place, another client."""
    first, second = made(token="a"), made(**other)
    assert first is not second
    assert first.governor is not second.governor


def test_options_cannot_be_confused() -> None:
    """What is given is told apart by name and length, not run together."""
    first, second = made(token="ab", client_id="c"), made(token="a", client_id="bc")
    assert first is not second


def test_an_account_ends_with_its_last_client() -> None:
    """Nothing is kept of it, not even its count."""
    found = connecting.connect("base", token="short-lived")
    before = id(found._driver.account)
    kept = found._driver.account
    del found
    assert id(kept) == before
    assert made(token="short-lived") is kept
    del kept
    gc.collect()
    from leadlens.http import account as module

    assert not [one for one in module._open.values() if id(one) == before]


def test_sandboxes_are_apart() -> None:
    """Two of them have the same address in process; clients of one share, and of two do not."""
    with Sandbox() as one, Sandbox() as two:
        first, again, other = (connecting.connect("base", sandbox=box) for box in (one, one, two))
        assert first._driver.governor is again._driver.governor
        assert first._driver.governor is not other._driver.governor


def test_threads_that_connect_at_once_share_it() -> None:
    """No two governors of one account, however it comes about."""
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: made(token="crowd"), range(64)))
    assert len({id(one) for one in found}) == 1


def test_closing_one_client_does_not_harm_the_other() -> None:
    """Connections belong to calls."""
    with Sandbox() as box:
        first, second = connecting.connect("base", sandbox=box), connecting.connect("base", sandbox=box)
        first.close()
        assert second.call("GET", "/v2/users/self").status == 200
