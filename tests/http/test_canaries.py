"""Twelve secrets and personal values on their way through a client: they show up nowhere but on the wire.

Logs of every logger at DEBUG, the prints of http.client, exceptions, tracebacks with the locals of every frame, and the
reprs of all that a client is made of; each value as it is, URL-encoded, in base64, and as JSON writes it.
"""

from __future__ import annotations

import base64
import functools
import http.client
import io
import json
import logging
import socket
import traceback
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any
from urllib.parse import quote, quote_plus

import attrs
import pytest
from tests.http import servers
from tests.http.drivers import of_vendor
from tests.http.servers import reply, resets, says

from leadlens import ConvertRequest, MatchKey, NewDeal, Sandbox, UpsertRequest
from leadlens.client import Client
from leadlens.connecting import connect
from leadlens.emulation.faults import Fault
from leadlens.errors import LeadlensError
from leadlens.flow import Call
from leadlens.http import link as link_module
from leadlens.http.driver import Sent
from leadlens.model import Address, Company, Contact, CustomField, Email, Lead, PersonName, Phone, Ref
from leadlens.operations import Query
from leadlens.sandbox.server import serving

C = {
    "token": "canary01+tok/en=",
    "refresh_token": "canary02+ref/resh=",
    "client_secret": "canary03&secret=",
    "client_id": "canary04-client-id",
    "login": "canary05+login@example.com",
    "email": "canary06+lead@example.com",
    "first": "Canary07é",
    "last": "O'Canary08 ß",
    "phone": "+49 30 canary09",
    "company": "Canary10 & Söhne",
    "street": "Canary11-Straße 7",
    "custom": "canary12 / custom?",
}


def forms(value: str) -> set[bytes]:
    """Return a value as it may show up, in bytes."""
    raw = value.encode()
    plain = {value, quote(value), quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1], repr(value)[1:-1]}
    encoded = {base64.b64encode(raw).rstrip(b"="), base64.urlsafe_b64encode(raw).rstrip(b"=")}
    return {form.encode() for form in plain} | encoded | {raw.decode().encode("latin-1"), repr(raw)[2:-1].encode()}


FORMS = {name: forms(value) for name, value in C.items()}


def hits(text: str) -> list[str]:
    """Return which canaries a text shows."""
    data = text.encode("utf-8", "backslashreplace")
    return [name for name, found in FORMS.items() if any(form in data for form in found)]


def lead() -> Lead:
    return Lead(
        name=PersonName(first=C["first"], last=C["last"]),
        company_name=C["company"],
        emails=(Email(address=C["email"]),),
        phones=(Phone(number=C["phone"]),),
        address=Address(street=C["street"]),
        custom_fields=(CustomField(definition=Ref(name="Known Via"), value=C["custom"]),),
    )


class Seen:
    """All that was logged, printed, raised and told to hooks while a client worked."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.told: list[Sent] = []
        self.raised: list[BaseException] = []

    def log(self, record: logging.LogRecord) -> bool:
        self.texts += [record.getMessage(), repr(record.args), repr(record.__dict__)]
        if record.exc_info and record.exc_info[1]:
            self.error(record.exc_info[1])
        return True

    def error(self, error: BaseException) -> None:
        """Take the text of an error, and its traceback with the locals of all frames but the tests' own."""
        self.raised.append(error)
        self.texts += [str(error), repr(error), repr(error.args)]
        seen: BaseException | None = error
        while seen is not None:
            bare = _without_tests(seen.__traceback__)
            shown = traceback.TracebackException(type(seen), seen, bare, capture_locals=True, compact=False)
            self.texts.append("".join(shown.format(chain=False)))
            self.texts += [repr(frame.f_locals) for frame, _ in traceback.walk_tb(bare)]
            seen = seen.__cause__ or seen.__context__

    def attempt(self, work: Callable[[], object]) -> None:
        """Do something that may fail; what it gives and what it raises is looked at."""
        try:
            self.texts.append(repr(work()))
        except (LeadlensError, KeyboardInterrupt) as error:
            self.error(error)

    def shown(self, *things: object) -> None:
        for thing in things:
            self.texts += list(reprs(thing, set()))

    def check(self) -> None:
        for text in self.texts:
            assert not hits(text), "\n".join(line for line in text.splitlines() if hits(line))[:3000]


def _without_tests(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    return trace


def reprs(thing: object, met: set[int]) -> Iterator[str]:
    """Yield the reprs of a thing and of all its attributes, in leadlens and requests."""
    if id(thing) in met or isinstance(thing, str | bytes):
        return
    met.add(id(thing))
    yield f"{thing!r} {thing!s}"
    if not type(thing).__module__.startswith(
        ("leadlens.http", "leadlens.client", "leadlens.connecting", "requests", "leadlens.access")
    ):
        return
    inside = dict(getattr(thing, "__dict__", {}))
    if attrs.has(type(thing)):
        inside |= {field.name: getattr(thing, field.name) for field in attrs.fields(type(thing))}  # type: ignore[arg-type]  # it has some
    yield repr(inside)
    for value in inside.values():
        yield from reprs(value, met)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Seen]:
    """Listen to every logger, and let http.client print."""
    found = Seen()
    handler = logging.StreamHandler(io.StringIO())
    handler.addFilter(found.log)
    loggers = [logging.getLogger(), *map(logging.getLogger, logging.root.manager.loggerDict)]
    before = [(logger, logger.level, logger.propagate, logger.disabled) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        logger.propagate, logger.disabled = True, False
    logging.getLogger().addHandler(handler)
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    monkeypatch.setattr(http.client.HTTPSConnection, "debuglevel", 1)
    yield found
    logging.getLogger().removeHandler(handler)
    for logger, level, propagate, disabled in before:
        logger.setLevel(level)
        logger.propagate, logger.disabled = propagate, disabled
    printed = capfd.readouterr()
    found.texts += [printed.out, printed.err, repr(found.told)]
    found.check()


def all_operations(seen: Seen, client: Client) -> None:
    """Do with a client all that carries personal values; some of it is refused."""
    person, company = Contact(name=PersonName(last=C["last"])), Company(name=C["company"])
    for work in (
        lambda: client.upsert(UpsertRequest(record=lead(), match=(MatchKey(field="email"),)), on_loss="report"),
        lambda: client.upsert(UpsertRequest(record=lead())),
        lambda: client.upsert(UpsertRequest(record=person, match=(MatchKey(field="name", value=C["last"]),))),
        lambda: client.upsert(UpsertRequest(record=company, match=(MatchKey(field="name"),)), on_loss="report"),
        lambda: list(client.iter_records("lead", Query(email=C["email"]))),
        lambda: client.search("contact", Query(name=f"{C['first']} {C['last']}", phone=C["phone"])),
        lambda: client.search("lead", Query(custom=CustomField(definition=Ref(name="X"), value=C["custom"]))),
        lambda: client.search("lead", Query(email=C["email"], converted=True)),
        lambda: client.search("person", Query(name=C["company"])),
        lambda: client.get("lead", "1"),
        lambda: client.preview("1"),
        lambda: client.convert(ConvertRequest(lead_id="1", deal=NewDeal(name=C["company"])), wait=False),
        lambda: client.convert(ConvertRequest(lead_id="1", deal_tags=(C["custom"],)), wait=False),
        lambda: client.resolve("1"),
        lambda: client.call("POST", "/v2/leads", query={"q": C["email"]}, body={"data": {"last_name": C["last"]}}),
        lambda: client.call("POST", "/v2/contacts/upsert", query={"email": C["email"]}, body={"data": C["phone"]}),
        lambda: client.call("POST", "/v2/leads", body={"data": {1, C["last"]}}),
        lambda: client.call("GET", f"/v2/no/such?email={quote(C['email'])}"),
        lambda: client.call("GET", f"bad?{C['email']}"),
    ):
        seen.attempt(work)
    seen.shown(client)


FAULTS: list[tuple[Fault, ...]] = [
    (),
    *[(Fault(what=what, operation="base.*", every=2),) for what in ("401", "500", "502", "redirect", "202", "bad_utf8",
      "bomb", "fin", "reset", "truncated", "refused", "dns", "tls", "timeout", "duplicate", "503")],
    (Fault(what="429", operation="base.*", every=3, retry_after="1"),),
]  # fmt: skip


@pytest.mark.parametrize("faults", FAULTS, ids=lambda faults: faults[0].what if faults else "none")
def test_nothing_shows_in_process(seen: Seen, faults: tuple[Fault, ...]) -> None:
    """A client on a sandbox in this process, with each of the faults."""
    with Sandbox(vendors=["base"], faults=faults) as box, connect("base", sandbox=box, hook=seen.told.append) as client:
        all_operations(seen, client)
    assert seen.told


@pytest.mark.parametrize("auth", ["token", "refresh", "expired"])
def test_nothing_shows_over_sockets(seen: Seen, auth: str) -> None:
    """A client on a sandbox served over HTTP, signed in with a token, and by OAuth, well or in vain."""
    oauth = {name: C[name] for name in ("refresh_token", "client_id", "client_secret")}
    if auth == "expired":
        oauth["refresh_token"] = "expired"
    options: Any = {"token": C["token"]} if auth == "token" else oauth
    with Sandbox(vendors=["base"]) as box, serving(box):
        client = connect("base", base_url=box.root("base"), hook=seen.told.append, **options)
        all_operations(seen, client)
        client.close()
    assert seen.told


WIRES = {
    "html": says(reply(b"<html>no</html>", "502 Bad Gateway")),
    "reset": resets(),
    "cut": says(reply(b'{"data":', length=99), close=True),
    "redirect": says(reply(b"", "307 Temporary Redirect", "Location: http://127.0.0.1:1/")),
    "401": says(reply(b'{"errors": []}', "401 Unauthorized")),
    "odd-headers": says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nbroken header line\r\n\r\n{}"),
}


def calls() -> list[Call]:
    body = {"data": [{"Last_Name": C["last"], "Phone": C["phone"], "Street": C["street"], "X": C["custom"]}]}
    return [
        Call("upsert_lead", "upsert", "POST", "/upsert", {"email": C["email"], "n": C["company"]}, body),
        Call("search", "after", "GET", "/search", {"name": C["first"]}),
    ]


@pytest.mark.parametrize("act", WIRES)
@pytest.mark.parametrize("vendor", ["copper", "zoho", "base"])
def test_nothing_shows_when_the_wire_fails(seen: Seen, vendor: str, act: str) -> None:
    """Each CRM's credentials, and servers that answer badly, also where tokens are asked for."""
    oauth = {name: C[name] for name in ("refresh_token", "client_id", "client_secret")}
    key = {"token": C["token"], "email": C["login"]}
    given: dict[str, Any] = {"copper": key, "zoho": oauth, "base": oauth}[vendor]
    with servers.serving(WIRES[act]) as server:
        places: dict[str, Any] = {"base_url": server.url} | ({"accounts_url": server.url} if vendor == "zoho" else {})
        driver = attrs.evolve(of_vendor(vendor, hook=seen.told.append, **given, **places), patience=0.5)
        for call in calls():
            seen.attempt(functools.partial(driver.carry, call))
        seen.shown(driver)
    assert seen.raised or (vendor, act) == ("copper", "odd-headers")


@pytest.mark.parametrize("where", ["_prepared", "_sent", "_read", "send", "getaddrinfo"])
def test_nothing_shows_when_a_call_is_interrupted(seen: Seen, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C at any depth."""

    def interrupted(*_: object, **__: object) -> Any:
        raise KeyboardInterrupt

    if where == "getaddrinfo":
        monkeypatch.setattr(socket, "getaddrinfo", interrupted)
    elif where == "_read":
        monkeypatch.setattr(link_module, "_read", interrupted)
    elif where == "send":
        monkeypatch.setattr(socket.socket, "sendall", interrupted)
    else:
        monkeypatch.setattr(link_module.Link, where, interrupted)
    with servers.serving(says(reply())) as server:
        client = connect("base", token=C["token"], base_url=server.url)
        seen.attempt(lambda: client.call("POST", "/v2/leads", query={"q": C["email"]}, body={"data": C["last"]}))
        seen.attempt(lambda: client.search("lead", Query(email=C["email"])))
    assert [type(error) for error in seen.raised] == [KeyboardInterrupt] * 2


@pytest.mark.parametrize(
    ("vendor", "options"),
    [
        ("base", {"tokn": C["token"]}),
        ("base", {"token": C["token"], "base_url": "http://elsewhere.example"}),
        ("base", {"token": C["token"], "base_url": f"https://{C['client_id']}@elsewhere.example"}),
        ("nobody", {"token": C["token"]}),
        ("zoho", {"refresh_token": C["refresh_token"], "client_secret": C["client_secret"], "data_center": "moon"}),
        ("copper", {"token": C["token"], "email": C["login"], "more": C["custom"]}),
    ],
)
def test_nothing_shows_when_connecting_fails(seen: Seen, vendor: str, options: Any) -> None:
    """Names and places that cannot be meant."""
    seen.attempt(lambda: connect(vendor, **options))
    assert seen.raised


def test_the_canaries_are_found_where_they_show(seen: Seen) -> None:
    """The search itself: each value in each form; and other people's logs of urllib3 still come."""
    for name, value in C.items():
        for text in (
            value,
            quote_plus(value),
            base64.b64encode(b"" + value.encode()).decode(),
            json.dumps({"a": value}),
        ):
            assert name in hits(f"...{text}...")
    logging.getLogger("urllib3.connectionpool").debug("of another")
    assert any("of another" in text for text in seen.texts)
