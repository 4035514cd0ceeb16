"""What callers may give: what cannot be meant is refused before the first call, with the argument's name."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from leadlens import (
    Client,
    ConvertRequest,
    InputError,
    Lead,
    MatchKey,
    NewDeal,
    Sandbox,
    UpsertRequest,
    UsageError,
    connect,
)
from leadlens.model import Email, PersonName

NAN, INFINITE = float("nan"), float("inf")
LEAD = Lead(name=PersonName(last="Xu"), emails=(Email(address="xu@example.com"),))
UPSERT = UpsertRequest(record=LEAD, match=(MatchKey(field="email"),))
CONVERT = ConvertRequest(lead_id="1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("quiet", value) for value in (-5, "5", NAN, INFINITE, True)),
        *(("deadline", value) for value in (0, -1, "x", NAN, None)),
        *(("patience", value) for value in (-1, "x", INFINITE, None)),
        *(("sandbox", value) for value in (5, "box")),
        *(("ledger", value) for value in (5, "", b"x", ".")),
        ("hook", 5),
    ],
)
def test_an_option_of_connect(name: str, value: Any) -> None:
    """Each is checked when it is given, not when it is first needed: after a call of unknown outcome."""
    with Sandbox(vendors=["base"]) as sandbox, pytest.raises(UsageError, match=f"^{name}: expected"):
        connect("base", **{"sandbox": sandbox, name: value})


@pytest.mark.parametrize("account", ["", None, 5])
def test_an_account_is_named(account: Any) -> None:
    """By a text that is not empty."""
    with Sandbox(vendors=["base"]) as sandbox, pytest.raises(UsageError, match="account: expected a text"):
        connect(account, sandbox=sandbox)


WRONG: dict[str, tuple[str, Callable[[Any], Any]]] = {
    **{
        f"key {value!r}": ("idempotency_key: expected a text", lambda c, value=value: c.convert(CONVERT, **value))  # type: ignore[misc]  # a default cannot be typed
        for value in ({"idempotency_key": one} for one in ("", 5, b"k", "\ud800", True))
    },
    "key of an upsert": ("idempotency_key", lambda c: c.upsert(UPSERT, idempotency_key="")),
    "allow a number": ("allow: expected", lambda c: c.convert(CONVERT, allow=5)),
    "allow numbers": ("allow: expected", lambda c: c.upsert(UPSERT, allow=[5])),
    "lead a text": ("lead: expected a Lead, not a str", lambda c: c.convert(CONVERT, lead="1")),
    "another lead": ("lead: it is another lead", lambda c: c.convert(CONVERT, lead=Lead(id="2"))),
    "another lead in a plan": ("lead: it is another lead", lambda c: c.plan(CONVERT, lead=Lead(id="2"))),
    "request nothing": ("request: expected a ConvertRequest", lambda c: c.convert(None)),
    "request a dict": ("request: expected .*, not a dict", lambda c: c.convert({"lead_id": "1"})),
    "request of an upsert": ("request: expected a ConvertRequest", lambda c: c.convert(UPSERT)),
    "lead_id a number": ("lead_id: expected a text", lambda c: c.convert(ConvertRequest(lead_id=5))),  # type: ignore[arg-type]  # the fact tested
    "lead_id surrogates": ("lead_id: expected a text", lambda c: c.convert(ConvertRequest(lead_id="\ud800"))),
    "upsert nothing": ("request: expected a UpsertRequest", lambda c: c.upsert(None)),
    "upsert a conversion": ("request: expected a UpsertRequest", lambda c: c.upsert(CONVERT)),
    "plan_upsert": ("request: expected a UpsertRequest", lambda c: c.plan_upsert(None)),
    "upsert_many": ("request: expected a UpsertRequest", lambda c: c.upsert_many([UPSERT, 5])),
    "match a text": ("match: expected a tuple of keys", lambda c: c.upsert(UpsertRequest(record=LEAD, match="email"))),  # type: ignore[arg-type]  # the fact tested
    "text that is none": (
        r"^\$\.deal\.name: expected text without lone surrogates",
        lambda c: c.convert(ConvertRequest(lead_id="1", deal=NewDeal(name="\ud800"))),
    ),
    "text that is none in an upsert": (
        r"^\$\.record\.emails\[0\]\.address: expected text without",
        lambda c: c.upsert(UpsertRequest(record=Lead(emails=(Email(address="a\ud800@b"),)), match=UPSERT.match)),
    ),
    "settle nothing": ("operation: expected a text", lambda c: c.settle(None)),
    "settle a number": ("operation: expected a text", lambda c: c.settle(5)),
    "release": ("operation: expected a Operation", lambda c: c.release("1")),
    "search": ("query: expected a Query", lambda c: c.search("lead", None)),
    "call a number": ("method: expected", lambda c: c.call(5, "/v2/leads")),
    "call nothing": ("path: expected", lambda c: c.call("GET", None)),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_an_argument_of_a_client(wrong: str, tmp_path: Path) -> None:
    """A wrong one is named; nothing was sent."""
    told, give = WRONG[wrong]
    ledger = tmp_path / "ledger.db"
    with Sandbox(vendors=["base"]) as sandbox, connect("base", sandbox=sandbox, ledger=ledger) as client:
        with pytest.raises((UsageError, InputError), match=told):
            give(client)
        assert sandbox.truth.entries() == []


def test_the_requests_own_lead_is_taken() -> None:
    """With its id, or without any."""
    with Sandbox(vendors=["base"]) as sandbox, connect("base", sandbox=sandbox) as client:
        named = Lead(id="1", name=PersonName(last="Xu"))
        assert client.plan(CONVERT, lead=named) == client.plan(CONVERT, lead=Lead(name=PersonName(last="Xu")))


def test_nothing_else_is_narrower(tmp_path: Path) -> None:
    """Every good form passes: a path as a text, whole seconds, no patience, several allowed losses as a tuple."""
    with Sandbox(vendors=["base"]) as sandbox:
        options: dict[str, Any] = {"ledger": str(tmp_path / "l.db"), "deadline": 5, "quiet": 0, "patience": 0}
        with connect("base", sandbox=sandbox, **options) as client:
            client_of: Client = client
            made = client_of.convert(CONVERT, allow=("deal", "reason:absent"), idempotency_key="k")
        assert made.lead_id == "1"


WHOLE: dict[str, list[dict[str, Any]]] = {
    "base": [{"token": "t"}, {"refresh_token": "r", "client_id": "c", "client_secret": "s"}],
    "zoho": [{"access_token": "t"}, {"refresh_token": "r", "client_id": "c", "client_secret": "s"}],
    "copper": [{"access_token": "t"}, {"token": "t", "email": "a@example.com"}],
}
TOLD = {
    "base": "base: no credentials, or not all of them: give token, or refresh_token and client_id and client_secret",
    "zoho": "zoho: .* give refresh_token and client_id and client_secret, or access_token",
    "copper": "copper: .* give token and email, or access_token",
}


@pytest.mark.parametrize("vendor", WHOLE)
def test_credentials_are_whole_or_refused(vendor: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each set suffices; a set that lacks one, and nothing at all, do not: no call goes out unsigned."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, "keyring", None)
    place: dict[str, Any] = {"base_url": "https://crm.example"}
    for given in WHOLE[vendor]:
        connect(vendor, **place, **given).close()
        for missing in given:
            rest = {key: value for key, value in given.items() if key != missing}
            for options in (rest, {**rest, missing: ""}, {**rest, missing: None}):
                with pytest.raises(UsageError, match=TOLD[vendor]):
                    connect(vendor, **place, **options)
    with pytest.raises(UsageError, match=TOLD[vendor]):
        connect(vendor)


@pytest.mark.parametrize("value", [5, b"t", ["t"], "a\nb", "a\r", "\ud800", "a\0"])
def test_an_option_is_a_text_on_one_line(value: Any) -> None:
    """What would end a header, or is no text, is refused by its name and without its value."""
    for options in ({"token": value}, {"token": "t", "base_url": value}):
        with pytest.raises(UsageError, match="expected a text on one line") as caught:
            connect("base", **options)
        assert repr(value) not in str(caught.value)
