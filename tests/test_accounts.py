"""Accounts of leadlens.toml: what they may say, and where their secrets come from."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from leadlens import accounts, registry
from leadlens.access import Access, Secret
from leadlens.errors import UsageError


def access(vendor: str) -> Access:
    found = registry.get(vendor).access
    assert found is not None
    return found()


def write(folder: Path, text: str) -> Path:
    file = folder / "leadlens.toml"
    file.write_text(text, "utf-8")
    return file


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No file, variable or keyring of this machine is seen."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEADLENS_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setitem(sys.modules, "keyring", None)


def test_an_account_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account has its CRM and options; its secrets come from where the file says."""
    monkeypatch.setenv("ZOHO_REFRESH", "r-1")
    file = write(
        tmp_path,
        '[accounts.eu]\nvendor = "zoho@v6"\ndata_center = "eu"\nrefresh_token = { env = "ZOHO_REFRESH" }\n',
    )
    account = accounts.get("eu", file)
    assert account.vendor == "zoho@v6"
    given = account.given(access("zoho"))
    assert given["data_center"] == "eu"
    assert given["refresh_token"] == Secret("r-1")
    assert given["client_secret"] is None
    assert "r-1" not in repr((account, given))


def test_a_secret_that_is_not_named_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is asked for LEADLENS_ACCOUNT_OPTION, then the keyring."""
    file = write(tmp_path, '[accounts.sales-eu]\nvendor = "base"\n')
    monkeypatch.setenv("LEADLENS_SALES_EU_TOKEN", "t-1")
    assert accounts.get("sales-eu", file).given(access("base"))["token"] == Secret("t-1")
    monkeypatch.delenv("LEADLENS_SALES_EU_TOKEN")
    kept = {("leadlens", "sales-eu.token"): "t-2", ("leadlens", "named"): "t-3"}
    ring: Any = SimpleNamespace(get_password=lambda service, name: kept.get((service, name)))
    monkeypatch.setitem(sys.modules, "keyring", ring)
    assert accounts.get("sales-eu", file).given(access("base"))["token"] == Secret("t-2")
    named = write(tmp_path, '[accounts.b]\nvendor = "base"\ntoken = { keyring = "named" }\n')
    assert accounts.get("b", named).given(access("base"))["token"] == Secret("t-3")

    def locked(*_: str) -> str:
        raise OSError

    ring.get_password = locked
    file = write(tmp_path, '[accounts.sales-eu]\nvendor = "base"\n')
    assert accounts.get("sales-eu", file).given(access("base"))["token"] is None


REFUSED = {
    '[accounts.b]\nvendor = "base"\ntoken = "plain"\n': "leadlens.toml: accounts.b.token: secrets do not belong",
    '[accounts.b]\nvendor = "base"\ntokn = "x"\n': "accounts.b.tokn: there is no such name; did you mean 'token'?",
    '[accounts.b]\nvendor = "base"\ntoken = { env = "NOT_THERE_AT_ALL" }\n': "accounts.b.token: env has no",
    '[accounts.b]\nvendor = "base"\ntoken = { file = "x" }\n': "expected { env",
    '[accounts.b]\nvendor = "base"\nbase_url = 5\n': "accounts.b.base_url: expected text",
    "[accounts.b]\n": 'accounts.b: say which CRM it is: vendor = "zoho"',
    "accounts = 5\n": "accounts: expected a table",
    "[accounts.b\n": "no TOML",
}


@pytest.mark.parametrize("text", REFUSED, ids=list(REFUSED.values()))
def test_what_cannot_be_meant_is_refused(text: str, tmp_path: Path) -> None:
    """Each mistake is one message that names the file and the key; a secret in the file is one, and is not quoted."""
    file = write(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        accounts.get("b", file).given(access("base"))
    assert REFUSED[text] in str(caught.value)
    assert "plain" not in str(caught.value)


def test_an_account_that_is_not_there(tmp_path: Path) -> None:
    """An unknown account names those that there are; without a file, how to get one."""
    with pytest.raises(UsageError, match="leadlens init writes one"):
        accounts.get("zoho-eu")
    file = write(tmp_path, '[accounts.zoho-eu]\nvendor = "zoho"\n')
    with pytest.raises(UsageError, match="did you mean 'zoho-eu'"):
        accounts.get("zoho-ue", file)
    with pytest.raises(UsageError, match="there are zoho-eu"):
        accounts.get("sales", file)


class _Ring:
    """A keyring that keeps what it is given."""

    def __init__(self, *, locked: bool = False) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = locked

    def set_password(self, service: str, name: str, text: str) -> None:
        if self.locked:
            raise RuntimeError
        self.kept[service, name] = text

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get((service, name))


def _with(ring: _Ring, monkeypatch: pytest.MonkeyPatch) -> _Ring:
    monkeypatch.setitem(sys.modules, "keyring", ring)
    return ring


def test_a_secret_is_kept_where_it_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a login brings is found by the next command: in the keyring, under the name that the file gives it."""
    ring = _with(_Ring(), monkeypatch)
    file = write(tmp_path, '[accounts.a]\nvendor="base"\n[accounts.b]\nvendor="base"\nrefresh_token={keyring="mine"}\n')
    for name, place in (("a", "a.refresh_token"), ("b", "mine")):
        account = accounts.get(name, file)
        assert account.keep("refresh_token", Secret(f"r-{name}"))
        assert ring.kept["leadlens", place] == f"r-{name}"
        assert account.given(access("base"))["refresh_token"] == Secret(f"r-{name}")


def test_a_secret_of_the_environment_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment cannot be written, and would hide what the keyring has; a locked keyring keeps nothing."""
    ring = _with(_Ring(), monkeypatch)
    file = write(
        tmp_path, '[accounts.a]\nvendor = "base"\nrefresh_token = { env = "R" }\n[accounts.b]\nvendor = "base"\n'
    )
    monkeypatch.setenv("LEADLENS_B_REFRESH_TOKEN", "old")
    assert not accounts.get("a", file).keep("refresh_token", Secret("r"))
    assert not accounts.get("b", file).keep("refresh_token", Secret("r"))
    assert not ring.kept
    _with(_Ring(locked=True), monkeypatch)
    assert not accounts.bare("zoho").keep("x", Secret("r"))
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert not accounts.bare("zoho").keep("x", Secret("r"))


def test_an_account_without_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A CRM's name alone is an account whose options are all in the environment."""
    monkeypatch.setenv("LEADLENS_ZOHO_CLIENT_ID", "c-1")
    monkeypatch.setenv("LEADLENS_ZOHO_REFRESH_TOKEN", "r-1")
    given = accounts.bare("zoho@v6").given(access("zoho"))
    assert (given["client_id"], given["refresh_token"]) == ("c-1", Secret("r-1"))


def test_the_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LEADLENS_CONFIG comes first, then the file here, then the one in the user's configuration."""
    assert accounts.find() is None
    assert accounts.load() == {}
    own = tmp_path / "config/leadlens/leadlens.toml"
    own.parent.mkdir(parents=True)
    own.write_text("", "utf-8")
    assert accounts.find() == own
    write(tmp_path, "")
    assert accounts.find() == Path("leadlens.toml")
    monkeypatch.setenv("LEADLENS_CONFIG", str(own))
    assert accounts.find() == own


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A file that is no text is one message."""
    file = tmp_path / "leadlens.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match=r"cannot be read \(UnicodeDecodeError\)"):
        accounts.load(file)
