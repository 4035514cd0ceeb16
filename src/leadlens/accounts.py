"""Accounts in ``leadlens.toml``: which CRM, and what it needs. Secrets are never in the file.

::

    [accounts.sales-eu]
    vendor = "zoho"
    data_center = "eu"
    client_id = "1000.ABC"
    refresh_token = { env = "ZOHO_REFRESH_TOKEN" }
    client_secret = { keyring = "zoho-client-secret" }

What the file does not name is looked for in the environment, as ``LEADLENS_SALES_EU_CLIENT_SECRET``, and a secret then
in the keyring, under the service ``leadlens`` as ``sales-eu.client_secret``. An account that the file does not have can
be named by its CRM alone, ``zoho``: the environment and the keyring hold all of it, as ``LEADLENS_ZOHO_CLIENT_ID``.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from leadlens.access import Access, Option, Secret
from leadlens.errors import UsageError

FILE: Final = "leadlens.toml"
SERVICE: Final = "leadlens"


@attrs.frozen
class Account:
    """One account as the file has it: its name, its CRM (``zoho``, ``copper@day-first``) and its options, unread."""

    name: str
    vendor: str
    options: Mapping[str, Any] = attrs.field(repr=False)
    file: Path

    def given(self, access: Access) -> dict[str, str | Secret | None]:
        """Return the values of the account's options, secrets from where they are kept.

        Raises :class:`UsageError` for an option that the CRM does not have, and for a secret in the file.
        """
        known = {option.name: option for option in access.options}
        for name in self.options:
            if name not in known:
                raise UsageError(f"{self._place(name)}: {_no_such(name, known)}")
        return {option.name: self._value(option) for option in access.options}

    def _value(self, option: Option) -> str | Secret | None:
        said = self.options.get(option.name)
        if isinstance(said, dict):
            return self._kept(option, said)
        if said is not None and not isinstance(said, str):
            raise UsageError(f'{self._place(option.name)}: expected text, {{ env = "…" }} or {{ keyring = "…" }}')
        if option.secret and said is not None:
            told = "secrets do not belong in the file; name where it is"
            raise UsageError(f'{self._place(option.name)}: {told}: {{ env = "NAME" }} or {{ keyring = "NAME" }}')
        return said if said is not None else self._looked_for(option)

    def _kept(self, option: Option, where: Mapping[str, Any]) -> str | Secret:
        places: dict[str, Callable[[str], str | None]] = {"env": os.environ.get, "keyring": _from_keyring}
        if len(where) != 1 or (kind := next(iter(where))) not in places or not isinstance(where[kind], str):
            raise UsageError(f'{self._place(option.name)}: expected {{ env = "NAME" }} or {{ keyring = "NAME" }}')
        found = places[kind](where[kind])
        if not found:
            raise UsageError(f"{self._place(option.name)}: {kind} has no {where[kind]!r}")
        return Secret(found) if option.secret else found

    def _looked_for(self, option: Option) -> str | Secret | None:
        found = self._in_environment(option.name)
        if option.secret:
            found = found or _from_keyring(f"{self.name}.{option.name}")
            return Secret(found) if found else None
        return found

    def keep(self, option: str, secret: Secret) -> bool:
        """Keep a secret where the account's option is looked for; return False where that is not the keyring."""
        said = self.options.get(option)
        named = said.get("keyring") if isinstance(said, dict) else f"{self.name}.{option}"
        in_environment = said is None and self._in_environment(option)
        return named is not None and not in_environment and _into_keyring(named, secret)

    def _in_environment(self, option: str) -> str | None:
        return os.environ.get(f"LEADLENS_{self.name}_{option}".upper().replace("-", "_"))

    def _place(self, option: str) -> str:
        return f"{self.file.name}: accounts.{self.name}.{option}"


def _from_keyring(name: str) -> str | None:
    """Return a secret of the system's keyring; None without one, without the extra, and where it breaks."""
    try:
        import keyring

        found: str | None = keyring.get_password(SERVICE, name)
    except Exception:  # noqa: BLE001  # what holds the secrets is the system's, and raises what it likes
        return None
    return found


def _into_keyring(name: str, secret: Secret) -> bool:
    """Keep a secret in the system's keyring; return whether there is one."""
    try:
        import keyring

        keyring.set_password(SERVICE, name, secret.reveal())
    except Exception:  # noqa: BLE001  # see above
        return False
    return True


def find() -> Path | None:
    """Return the file of accounts: LEADLENS_CONFIG, ``leadlens.toml`` here, or the one in the user's configuration.

    Raises :class:`UsageError` where LEADLENS_CONFIG names no file: another one would be another account.
    """
    said = os.environ.get("LEADLENS_CONFIG")
    if said and not Path(said).is_file():
        raise UsageError(f"LEADLENS_CONFIG names no file: {said}")
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    places = [Path(said)] if said else [Path(FILE), config / "leadlens" / FILE]
    return next((place for place in places if place.is_file()), None)


def load(file: Path | None = None) -> dict[str, Account]:
    """Return the accounts of the file, by name; none without a file.

    Raises :class:`UsageError` that names the file, and the line or the key, for what cannot be read.
    """
    file = file or find()
    if file is None:
        return {}
    try:
        read = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: cannot be read ({type(error).__name__})") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file}: no TOML: {error}") from None
    accounts = read.get("accounts", {})
    if not isinstance(accounts, dict):
        raise UsageError(f"{file.name}: accounts: expected a table [accounts.NAME]")
    return {name: _account(name, table, file) for name, table in accounts.items()}


def _account(name: str, table: Any, file: Path) -> Account:
    if not isinstance(table, dict) or not isinstance(table.get("vendor"), str):
        raise UsageError(f'{file.name}: accounts.{name}: say which CRM it is: vendor = "zoho"')
    return Account(name, table["vendor"], {key: value for key, value in table.items() if key != "vendor"}, file)


def bare(vendor: str) -> Account:
    """Return the account that is named by its CRM alone, with nothing of it in a file."""
    return Account(vendor.partition("@")[0], vendor, {}, Path(FILE))


def get(name: str, file: Path | None = None) -> Account:
    """Return one account; raises :class:`UsageError` that names what there is for one that is not there."""
    accounts = load(file)
    if name not in accounts:
        told = _no_such(name, accounts) if accounts else f"no {FILE} was found; leadlens init writes one"
        raise UsageError(f"account {name!r}: {told}")
    return accounts[name]


def _no_such(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return "there is no such name; " + (f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}")
