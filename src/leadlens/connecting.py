"""Connects to an account: one of ``leadlens.toml``, one given by its options, or an emulated one."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from leadlens import accounts, arguments, facts, registry
from leadlens.access import Access, Secret, Veiled
from leadlens.adapter import Adapter
from leadlens.client import Client
from leadlens.errors import UsageError
from leadlens.http.account import Account
from leadlens.http.account import account as shared_account
from leadlens.http.clock import SystemClock
from leadlens.http.driver import Driver, Hook
from leadlens.ledger import Ledger


@attrs.frozen
class Times:
    """How many seconds one call may take, alone and with all its waiting."""

    deadline: float
    patience: float


def connect(
    account: str | Adapter,
    *,
    sandbox: Any = None,
    ledger: str | Path | None = None,
    deadline: float = 30.0,
    patience: float = 300.0,
    quiet: float | None = None,
    hook: Hook | None = None,
    **options: str | Secret | None,
) -> Client:
    """Return a client for an account: one of ``leadlens.toml``, or a CRM (``copper``, ``zoho@v6``) and its options.

    ``options`` are what the account needs (``token=…``, ``data_center="eu"``). ``sandbox`` is a :class:`Sandbox` to use
    instead of the real CRM. ``ledger`` is the file that makes idempotency keys survive a crash. ``deadline`` is the
    seconds one call may take, ``patience`` those with all its waiting, ``quiet`` those that an unknown outcome is
    waited out. ``hook`` is told of every call, without its data. An adapter
    stands for its CRM, installed or not. Raises :class:`UsageError` for what is missing.
    """
    veiled, options = Veiled(options), {}
    own, account = (account, account.full_name) if isinstance(account, Adapter) else (None, account)
    arguments.text("account", account, "'zoho'")
    times = Times(arguments.seconds("deadline", deadline, more=True), arguments.seconds("patience", patience))
    quiet = None if quiet is None else arguments.seconds("quiet", quiet)
    if hook is not None and not callable(hook):
        raise UsageError("hook: expected a function of one argument")
    kept = None if veiled or sandbox is not None or own is not None else accounts.load().get(account)
    adapter = own or registry.get(account if kept is None else kept.vendor)
    if adapter.access is None:
        raise UsageError(f"{adapter.title} cannot be connected to yet")
    access = adapter.access()
    if sandbox is not None:
        driver = _in_sandbox(adapter, access, arguments.sandbox(sandbox), times, hook)
    else:
        stored = kept if kept is not None or veiled else accounts.bare(account)
        given = access.check(veiled if stored is None else Veiled(stored.given(access)), account)
        shared = shared_account(adapter.name, access, given, _CLOCK)
        if stored is not None:
            shared.credentials.keep = partial(_keep, stored)
        driver = _driver(adapter, access, shared, times, hook)
    book = None if ledger is None else Ledger(arguments.file("ledger", ledger))
    identity = _identity(adapter, kept, driver)
    known = {} if sandbox is not None or driver.account is None else facts.known(driver.account.name)
    once = known.get(facts.SECOND_CONVERT) == "refused"
    return Client(adapter, driver, quiet=quiet, ledger=book, account=account, identity=identity, converts_once=once)


def _identity(adapter: Adapter, kept: accounts.Account | None, driver: Driver) -> str:
    """Return what tells an account from others in a ledger: its name in the file, else what it was given, as a digest.

    The name stays when a token is renewed.
    """
    shared = driver.account
    assert shared is not None
    where = "a sandbox" if shared.where is not None else driver.link.base_url
    which = kept.name if kept is not None else shared.name if shared.where is None else adapter.name
    return f"{which} ({adapter.name} at {where})"


_CLOCK = SystemClock()
_log = logging.getLogger(__name__)


def _keep(account: accounts.Account, refresh: Secret) -> None:
    """Keep a refresh token that took the place of an account's; say so where that cannot be done."""
    if not account.keep("refresh_token", refresh):
        _log.warning("account %s has a new refresh token, which could not be kept: log in again", account.name)


def _driver(adapter: Adapter, access: Access, shared: Account, times: Times, hook: Hook | None) -> Driver:
    return Driver(
        vendor=adapter.name,
        link=shared.link,
        credentials=shared.credentials,
        governor=shared.governor,
        classify=adapter.classify,
        cost=access.cost,
        clock=shared.link.clock,
        rest=access.rest,
        deadline=times.deadline,
        patience=times.patience,
        hook=hook,
        account=shared,
    )


@attrs.frozen
class _BoxClock:
    """The sandbox's clock as ours, so that nobody waits for real."""

    clock: Any

    def now(self) -> float:
        """Return the sandbox's time."""
        found: float = self.clock.now()
        return found

    wall = now

    def sleep(self, seconds: float) -> None:
        """Move the sandbox's time on."""
        self.clock.sleep(max(seconds, 0.0))


def _in_sandbox(adapter: Adapter, access: Access, sandbox: Any, times: Times, hook: Hook | None) -> Driver:
    clock = _BoxClock(sandbox.clock)
    signs = {option.name: "sandbox" for option in access.options if option.secret and option.name != "refresh_token"}
    given = access.check({**signs, "base_url": sandbox.root(adapter.name)}, adapter.name)
    shared = shared_account(adapter.name, access, given, clock, sandbox.session(), sandbox.app)
    return _driver(adapter, access, shared, times, hook)
