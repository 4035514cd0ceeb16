"""What must show up nowhere: a secret of an account, a value of a record; not in a repr, a log, a loss or an error."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

import attrs

from leadlens._compile import encode
from leadlens.access import Secret, Token
from leadlens.adapter import RECORDS
from leadlens.conversion import ConvertRequest, MatchKey, NewCompany, NewContact, NewDeal, UpsertRequest
from leadlens.errors import LeadlensError
from leadlens.flow import Call, Reply
from leadlens.model import Address, CustomField, Email, Money, PersonName, Phone, Record, Ref
from leadlens.operations import Query
from leadlens.testing.specimens import RECORDS as SPECIMENS
from leadlens.testing.specimens import completed
from leadlens.testing.subject import Scene, Subject

_WORD = "Zebra"
_SECRET = "zebra-secret-0123456789"  # noqa: S105  # made up, to be looked for
_NAMED_SECRET = re.compile(r"token|secret|password|(^|_)key$")


def secrets_are_hidden(subject: Subject) -> Iterator[str]:
    """No secret of an account is in the repr of anything that the adapter makes of it."""
    access = subject.adapter.access() if subject.adapter.access is not None else None
    if access is None:
        return
    for option in access.options:
        if _NAMED_SECRET.search(option.name) and not option.secret:
            yield f"the option {option.name!r} is no secret: its value would show in reprs and files"
    given = {option.name: f"{_SECRET}-{option.name}" for option in access.options if option.secret}
    given |= {option.name: "zebra" for option in access.options if not option.secret and option.default is None}
    checked = access.check(given, subject.adapter.name, login=True)
    granted = access.granted(Reply(200, {}, {"access_token": _SECRET, "refresh_token": _SECRET, "expires_in": 3600}))
    made: dict[str, Any] = {
        "the options": checked, "base_url(given)": access.base_url(checked), "grant(given)": access.grant(checked),
        "granted(reply)": granted, "access": access,
        "granted(a refusal)": access.granted(Reply(400, {}, {"error": "invalid_grant", "error_description": _SECRET})),
        "granted(rubbish)": access.granted(Reply(200, {}, {"access_token": [_SECRET]})),
    }  # fmt: skip
    if access.consent is not None:
        made["consent.page(given)"] = access.consent.page(checked)
        made["consent.token(given)"] = access.consent.token(checked)
    for what, thing in made.items():
        if _SECRET in f"{thing!r} {thing!s}":
            yield f"a secret shows in the repr of {what}"
    if isinstance(granted, Token) and not isinstance(granted.text, Secret):
        yield "the token that granted(reply) returns is a bare text, not a Secret"


# --- values of records -----------------------------------------------------------------------------------------------


def private(record: Record) -> Any:
    """Return a record in which every text says who it is about."""
    changes: dict[str, Any] = {
        "description": f"{_WORD} about",
        "custom_fields": (CustomField(definition=Ref(None, "Zz"), value=f"{_WORD}-own"),),
    }
    if hasattr(record, "emails"):
        changes["emails"] = (Email(address=f"{_WORD}@suite.example", category="work"), Email(address=f"{_WORD} no"))
        changes["phones"] = (Phone(number=f"{_WORD} 12", category=f"{_WORD}-kind"),)
    if hasattr(record, "address"):
        changes["address"] = Address(street=f"{_WORD} St", country=f"{_WORD}land", state=f"{_WORD}state")
    person = PersonName(first=f"{_WORD}a", last=f"{_WORD}b", middle=f"{_WORD}c")
    changes["name"] = person if isinstance(record.name, PersonName) else f"{_WORD} & Co"
    if hasattr(record, "value"):
        changes["value"] = Money("1.23456789", f"{_WORD}")
    return attrs.evolve(record, **changes)


def values_are_hidden(subject: Subject) -> Iterator[str]:
    """No value of a record is in a loss, a call's repr or reason, an error, a hook or a log."""
    shown: list[tuple[str, str]] = []
    with subject.scene() as scene, _heard(shown):
        for kind in RECORDS:
            record = completed(scene.client, private(SPECIMENS[kind]))
            losses = encode(subject.adapter.crosswalk(kind), record).losses
            shown += [(f"a loss of a {kind}", str(loss)) for loss in losses]
            shown += _of_writing(scene, kind, record)
        shown += _of_converting(scene)
        shown += [("what a hook is told", repr(sent)) for sent in scene.sent]
        shown += [("the client", repr(scene.client)), ("the adapter", repr(subject.adapter))]
    for what in dict.fromkeys(what for what, text in shown if _WORD.lower() in text.lower()):
        yield f"a value of a record shows in {what}"


def _of_writing(scene: Scene, kind: str, record: Any) -> Iterator[tuple[str, str]]:
    client = scene.client
    key = MatchKey(field="email" if kind in ("lead", "contact") else "name")
    request = UpsertRequest(record=record, match=(key,))
    planned = client.operations.upsert(request)
    planned.flow.close()
    yield f"the plan of an upsert of a {kind}", repr(planned)
    yield from ((f"a call of an upsert of a {kind}", _told(call)) for call in planned.calls)
    if client.operations.create is not None:
        creation = client.operations.create(record)
        creation.flow.close()
        yield from ((f"a call that creates a {kind}", _told(call)) for call in creation.calls)
    yield f"the error of an upsert of a {kind}", _error(lambda: client.upsert(request, on_loss="report"))
    name = record.name.display if isinstance(record.name, PersonName) else record.name
    for query in (Query(name=name), Query(email=f"{_WORD}@suite.example"), Query(ids=(f"{_WORD} id",))):
        yield f"a query for a {kind}", repr(query) if not query.ids else ""
        yield f"the error of a search for a {kind}", _error(lambda query=query: client.search(kind, query))
    yield f"the error of a get of a {kind}", _error(lambda: client.get(kind, f"{_WORD} id"))


def _of_converting(scene: Scene) -> Iterator[tuple[str, str]]:
    client = scene.client
    person = PersonName(first=f"{_WORD}a", last=f"{_WORD}b")
    deal = NewDeal(name=f"{_WORD} deal", description=f"{_WORD} words", stage=Ref(None, f"{_WORD} stage"))
    request = ConvertRequest(
        lead_id="1", contact=NewContact(name=person), company=NewCompany(name=f"{_WORD} & Co"), deal=deal
    )
    plan = client.plan(request)
    yield from (("a loss of a conversion", str(loss)) for loss in plan.losses)
    yield from (("a call of a conversion", _told(call)) for call in plan.calls)
    yield "the error of a conversion", _error(lambda: client.convert(request, on_loss="report"))


def _told(call: Call) -> str:
    return f"{call!r} {call.name} {call.why} {call.when}"


def _error(work: Any) -> str:
    """Return all that the error of something says; nothing where it raises none."""
    try:
        work()
    except LeadlensError as error:
        return f"{error} {error!r} {error.args}"
    return ""


class _heard(logging.Handler):  # noqa: N801  # used as a context
    """Keeps what any logger says, of leadlens and of what it uses."""

    def __init__(self, shown: list[tuple[str, str]]) -> None:
        super().__init__(logging.DEBUG)
        self._shown = shown
        self._before = logging.root.level

    def emit(self, record: logging.LogRecord) -> None:
        self._shown.append((f"the log {record.name}", f"{record.getMessage()} {record.args!r}"))

    def __enter__(self) -> None:
        self._before = logging.root.level
        logging.root.setLevel(logging.DEBUG)
        logging.root.addHandler(self)

    def __exit__(self, *_: object) -> None:
        logging.root.removeHandler(self)
        logging.root.setLevel(self._before)
