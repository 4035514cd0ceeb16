"""How Copper's records come about and change: a write is read strictly, then kept whole; replies show all but notes.

A key that begins with ``_`` is a note of the account's own that no reply shows (followed, last interaction).
Sources: developer.copper.com, the overview and the samples of each kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from leadlens.emulation.clock import unix
from leadlens.emulation.store import Marks, Record
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox import customs
from leadlens_copper.sandbox.dress import invalid
from leadlens_copper.sandbox.fields import FIELDS, LISTS, READ_ONLY, USUAL

PREFIX: Final = "/developer_api/v1"
ID: Final = "{id:[0-9]{1,18}}"
_LEGAL: Final = ("inc", "llc", "ltd", "gmbh", "corp", "co", "ag", "sa", "kg", "bv", "srl", "spa", "oy", "ab", "as")


def folded(name: str) -> str:
    """Return a company's name as a fuzzy match compares it [?]: no case, no signs, no legal form."""
    words = "".join(char if char.isalnum() else " " for char in name.casefold()).split()
    while len(words) > 1 and words[-1] in _LEGAL:
        words.pop()
    return " ".join(words)


def emails(record: Record) -> list[str]:
    """Return the addresses of a lead or a person, as they are compared: without regard to case [?]."""
    given = record.get("emails") or [record.get("email")]
    return [item["email"].casefold() for item in given if item and item.get("email")]


def _number_of(key: str) -> Marks:
    return lambda record: [str(record[key])] if record.get(key) else []


def _related(record: Record) -> Iterable[str]:
    found = record["related_resource"]
    return [f"{found['type']} {found['id']}"] if found else []


def _names(record: Record) -> Iterable[str]:
    return [record["name"]]


MARKS: Final[Mapping[str, Mapping[str, Marks]]] = {
    "lead": {"email": emails, "name": _names},
    "person": {"email": emails, "company": _number_of("company_id")},
    "company": {
        "name": _names,
        "folded": lambda record: [folded(record["name"])],
        "contact": _number_of("primary_contact_id"),
    },
    "opportunity": {"company": _number_of("company_id"), "contact": _number_of("primary_contact_id")},
    "activity": {"parent": lambda record: [f"{record['parent']['type']} {record['parent']['id']}"]},
    "file": {"parent": lambda record: [record["_parent"]]},
    "project": {"related": _related},
    "task": {"related": _related},
}


def made(world: World, kind: str, given: Mapping[str, Any], values: Mapping[int, Any] | None = None) -> Record:
    """Make and keep a record of a kind from what is known about it, and from custom values by definition."""
    now = unix(world.now)
    blank: Record = {name: [] if name in LISTS else None for name in FIELDS[kind]}
    record = {
        "id": world.store.next_id(kind),
        **blank,
        **READ_ONLY[kind],
        **USUAL[kind],
        **_begun(world, kind),
        **given,
        "custom_fields": customs.listed(world, kind, values or {}),
        "date_created": now,
        "date_modified": now,
    }
    _singular(world, kind, record)
    world.store.create(kind, record["id"], record)
    return record


def changed(world: World, kind: str, record: Record, given: Mapping[str, Any], values: Mapping[int, Any]) -> Record:
    """Write what is given over a record, and keep it."""
    kept = {**customs.values(record), **values}
    record = {**record, **given, "date_modified": unix(world.now)}
    record["custom_fields"] = customs.listed(world, kind, kept)
    _singular(world, kind, record)
    world.store.replace(kind, record["id"], record)
    if kind == "company" and "name" in given:
        _tell(world, "company", record["id"], {"company_name": record["name"]})
    return record


def removed(world: World, kind: str, number: int) -> None:
    """Take a record away; those that name it no longer do [?]."""
    world.store.delete(kind, number)
    if kind == "company":
        _tell(world, "company", number, {"company_id": None, "company_name": None})
    if kind == "person":
        _tell(world, "contact", number, {"primary_contact_id": None})


def shown(record: Record, world: World, *, computed: bool = False) -> Record:
    """Return a record as a reply has it."""
    plain = {key: value for key, value in record.items() if not key.startswith("_")}
    if computed and "custom_fields" in plain:
        plain["custom_fields"] = customs.computed(world, plain["custom_fields"])
    return plain


def parts(name: str) -> Record:
    """Return the parts of a name: the first word, and the rest [?]; the samples have no more than two words."""
    first, _, last = name.strip().partition(" ")
    return {"first_name": first or None, "middle_name": None, "last_name": last.strip() or None}


def named(world: World, kind: str, name: str) -> Record | None:
    """Return the entry of an account's list that has a name."""
    return next((entry for _, entry in world.store.iterate(kind) if entry["name"] == name), None)


def _begun(world: World, kind: str) -> Record:
    """Return what the account gives to a new record."""
    if kind == "lead":
        first = next(status for _, status in world.store.iterate("lead_status") if status["is_default"])
        return {"status": first["name"], "status_id": first["id"], "_status_changed": unix(world.now)}
    if kind == "person":  # the samples of new people have it
        usual = named(world, "contact_type", "Uncategorized")
        return {"contact_type_id": usual["id"] if usual else None}
    return {}


def _singular(world: World, kind: str, record: Record) -> None:
    """Hold that an e-mail address is a unique key of people (people/fetch-a-person-by-email.html)."""
    for email in emails(record) if kind == "person" else ():
        if any(number != record["id"] for number, _ in world.store.find("person", "email", email)):
            raise invalid("emails: another person has that address")


def _tell(world: World, link: str, number: int, change: Mapping[str, Any]) -> None:
    for kind in ("person", "company", "opportunity"):
        if link in MARKS[kind]:
            for other, record in world.store.find(kind, link, str(number)):
                world.store.replace(kind, other, {**record, **change})
