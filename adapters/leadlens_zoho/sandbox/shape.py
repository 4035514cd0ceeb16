"""The shape in which records are kept and shown (zoho.com/crm/developer/docs/api/v8/get-records.html).

Kept: what was given and what the vendor adds, numbers as they came. Shown: every field of the module, null when it has
no value, and the ``$`` keys that every reply has [third-party: recorded replies].
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from leadlens.emulation.clock import iso_offset
from leadlens.emulation.store import Layout, Record, Store
from leadlens.emulation.vendor import World
from leadlens_zoho.sandbox.fields import FIELDS, LAYOUT_IDS, MODULES, NAMED, PIPELINES, Field, checked_fields

_EXTRA: Final = {"$approved": True, "$editable": True, "$approval_state": "approved", "$in_merge": False,
                 "$process_flow": False, "$currency_symbol": "$"}  # fmt: skip
_LISTED: Final = ("Leads", "Contacts")


def made(world: World, module: str, given: Mapping[str, Any]) -> Record:
    """Make and keep a record of a module from what is known about it."""
    number = world.store.next_id(module)
    return kept(world, module, number, given)


def kept(world: World, module: str, number: int, given: Mapping[str, Any]) -> Record:
    """Keep a record under an id of one's own."""
    now, by = iso_offset(world.now), me(world)
    stamps = {"Created_Time": now, "Modified_Time": now, "Created_By": by, "Modified_By": by}
    layout = {"id": LAYOUT_IDS[module], "name": "Standard"}
    record = {"id": str(number), "Owner": by, "Layout": layout, "Tag": [], **given, **stamps}
    record |= derived(module, record)
    if module == "Leads":
        record["Lead_Number"] = f"L-{number % 1_000_000:06}"
    world.store.create(module, number, record)
    return record


def derived(module: str, record: Record) -> Record:
    """Return what Zoho makes of other fields: a person's full name, a deal's expected revenue."""
    if module in _LISTED:
        return {"Full_Name": " ".join(part for part in (record.get("First_Name"), record.get("Last_Name")) if part)}
    if module != "Deals":
        return {}
    chance = record.get("Probability")
    if chance is None:
        chance = PIPELINES.get(record.get("Pipeline") or "", {}).get(record.get("Stage", ""))
    amount = record.get("Amount")
    revenue = None if amount is None or chance is None else Decimal(str(amount)) * chance / 100
    return {"Probability": chance, "Expected_Revenue": revenue}


def rewritten(world: World, module: str, number: int, record: Record, before: Record) -> Record:
    """Write a record that somebody changed; whoever names it says its new name from now on."""
    record = {**record, "Modified_Time": iso_offset(world.now), "Modified_By": me(world)}
    record |= derived(module, record)
    world.store.replace(module, number, record)
    if record.get(NAMED[module]) != before.get(NAMED[module]):
        repoint(world, module, record["id"], {"id": record["id"], "name": record.get(NAMED[module])})
    return record


def repoint(world: World, module: str, number: str, to: Record | None) -> None:
    """Let every record that names a record name it anew, or nothing when it is gone."""
    if module == "Deals":
        return
    for kind in MODULES:
        for found, record in world.store.find(kind, "names", f"{module}:{number}"):
            for name, field in FIELDS[kind].items():
                if field.look_up == module and (record.get(name) or {}).get("id") == number:
                    record[name] = to
            world.store.replace(kind, found, record)


def me(world: World) -> Record:
    """Return the user whose token it is, as records name users."""
    _, user = next(world.store.iterate("user"))
    return {"id": user["id"], "name": user["full_name"], "email": user["email"]}


def shown(module: str, record: Record, names: list[str] | None, known: Mapping[str, Field]) -> Record:
    """Return a record as replies show it: all of it, or its id and the fields that were asked for."""
    if names is not None:
        whole = shown(module, record, None, known)
        return {"id": record["id"]} | {name: whole[name] for name in names if name in whole}
    empty = {name: _EMPTY.get(field.kind) for name, field in known.items() if name not in _TIMES}
    extra = {**_EXTRA, **({"$converted": False, "$converted_detail": None} if module == "Leads" else {})}
    return {**empty, "Tag": [], **extra, **record}


_EMPTY: Final = {"boolean": False, "own_flag": False}
_TIMES: Final = ("Created_Time", "Modified_Time")


def is_converted(record: Record) -> bool:
    """Whether a lead was converted."""
    return bool(record.get("$converted"))


def converted_fits(record: Record, asked: str) -> bool:
    """Whether a record is among those that ``converted=true|false|both`` asks for."""
    return asked == "both" or is_converted(record) == (asked == "true")


def approved_fits(record: Record, asked: str) -> bool:
    """Whether a record is among those that ``approved=true|false|both`` asks for."""
    return asked == "both" or record.get("$approved", True) == (asked == "true")


def _checked(module: str) -> Any:
    names = checked_fields(module)

    def marks(record: Record) -> Iterator[str]:
        for name in names:
            if record.get(name) not in (None, ""):
                yield f"{name}:{str(record[name]).casefold()}"

    return marks


def _names(module: str) -> Any:
    fields = [field for field in FIELDS[module].values() if field.look_up]

    def marks(record: Record) -> Iterator[str]:
        for field in fields:
            if record.get(field.name):
                yield f"{field.look_up}:{record[field.name]['id']}"

    return marks


def look_ups(layout: Mapping[str, Any]) -> Layout:
    """Return the layout of the store: ids by kind, and by what records are found."""
    marks: dict[str, Any] = {module: {"checked": _checked(module), "names": _names(module)} for module in MODULES}
    marks["tag"] = {"name": lambda tag: [f"{tag['module']}:{tag['name'].casefold()}"]}
    for kind in ("Notes", "attachment", "deal_role"):
        marks[kind] = {"parent": lambda record: [record["parent"]]}
    return Layout(ids=layout, marks=marks)


def same(store: Store, module: str, name: str, value: Any) -> list[tuple[int, Record]]:
    """Return the records of a module with that value in a field that may find records, but no converted leads."""
    if value in (None, ""):
        return []
    found = store.find(module, "checked", f"{name}:{str(value).casefold()}")
    return [(number, record) for number, record in found if not is_converted(record)]
