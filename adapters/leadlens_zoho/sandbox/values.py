"""Values are checked by the type of their field, and refused with Zoho's INVALID_DATA and the path of what is wrong.

Source: zoho.com/crm/developer/docs/api/v8/insert-records.html (field types, possible errors). Unknown [?]: whether an
option that a picklist does not have is taken (switch ``unknown_option``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from leadlens.emulation.checking import flag, integer, many, number, obj, text
from leadlens.emulation.messages import Refusal
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_zoho.sandbox.dress import refused_item
from leadlens_zoho.sandbox.fields import LAYOUT_IDS, NAMED, OPTIONS, PIPELINES, Field
from leadlens_zoho.sandbox.making import fields_of


def bad(name: str, path: str, message: str = "invalid data", **details: Any) -> Refusal:
    """Return the refusal of one value."""
    return refused_item("INVALID_DATA", message, unclear=path, **details, api_name=name, json_path=path)


def missing(name: str, path: str) -> Refusal:
    """Return the refusal of a record without a mandatory field."""
    return refused_item("MANDATORY_NOT_FOUND", "required field not found", api_name=name, json_path=path)


def number_of(given: Any) -> int | None:
    """Return an id that came as a text or as a number; None for anything else."""
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) <= 19:
        return int(given)
    return given if integer(given) and given > 0 else None


def _email(value: Any) -> bool:
    return text(value) and re.fullmatch(r"[^@\s]+@[^@\s]+", value) is not None


def _date(value: Any) -> bool:
    try:
        return text(value) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _datetime(value: Any) -> bool:
    try:
        return text(value) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _whole(value: Any) -> bool:
    return bool(integer(value)) and abs(value) < 10**9


def _long(value: Any) -> bool:
    return (bool(integer(value)) or (text(value) and re.fullmatch(r"-?\d+", value) is not None)) and len(
        str(value)
    ) <= 19


def _amount(value: Any) -> bool:
    return number(value) and abs(Decimal(value)) < 10**16


def _percent(value: Any) -> bool:
    return bool(integer(value)) and 0 <= value <= 100


_CHECKS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "text": (text, "text"), "textarea": (text, "text"), "phone": (text, "text"), "website": (text, "text"),
    "picklist": (text, "text"), "stage": (text, "text"), "pipeline": (text, "text"), "email": (_email, "email"),
    "integer": (_whole, "integer"), "bigint": (_long, "bigint"), "double": (_amount, "double"),
    "currency": (_amount, "double"), "percent": (_amount, "double"), "percent_whole": (_percent, "integer"),
    "boolean": (flag, "boolean"), "date": (_date, "date"), "datetime": (_datetime, "datetime"),
    "multiselectpicklist": (many(text), "jsonarray"), "tags": (many(obj), "jsonarray"),
    "lookup": (obj, "jsonobject"), "userlookup": (obj, "jsonobject"), "ownerlookup": (obj, "jsonobject"),
    "layout": (obj, "jsonobject"),
}  # fmt: skip
_KEYS: Final = {"lookup": {"id", "name"}, "layout": {"id", "name"}}


def checked(world: World, module: str, item: Mapping[str, Any], base: str) -> Record:
    """Return the values of a record as they are kept; raises the refusal of what does not fit its field."""
    out: Record = {}
    known = fields_of(world, module)
    for name, value in item.items():
        field = known.get(name)
        if field is None or field.read_only:
            raise bad(name, f"{base}.{name}")
        out[name] = _value(world, module, field, value, f"{base}.{name}")
    return out


def _value(world: World, module: str, field: Field, value: Any, path: str) -> Any:
    if field.kind == "tags":
        return _tags(world, module, [] if value is None else value, path)
    if value is None or value == "":
        return _nothing(field, path)
    accepts, expected = _CHECKS[field.kind]
    if not accepts(value):
        raise bad(field.name, path, expected_data_type=expected)
    if field.length is not None and len(value) > field.length:
        raise bad(field.name, path, maximum_length=field.length)
    if field.kind in {"lookup", "layout", "userlookup", "ownerlookup"}:
        return _looked_up(world, module, field, value, path)
    _offered(world, field, value, path)
    return str(value) if field.kind == "bigint" else value


def _nothing(field: Field, path: str) -> bool | None:
    if field.required or field.kind == "ownerlookup":
        raise missing(field.name, path)
    return False if field.kind == "boolean" else None


def _offered(world: World, field: Field, value: Any, path: str) -> None:
    """Refuse an option that is not there, if the switch says so; a pipeline must be one that there is."""
    if field.kind == "pipeline" and value not in PIPELINES:
        raise bad(field.name, path)
    if field.kind in {"picklist", "multiselectpicklist"} and world.switches["unknown_option"] == "refused":
        given = value if isinstance(value, list) else [value]
        if not set(given) <= set(field.options or OPTIONS[field.name]):
            raise bad(field.name, path)


def _looked_up(world: World, module: str, field: Field, value: dict[str, Any], path: str) -> Record:
    allowed = _KEYS.get(field.kind, {"id", "name", "email"})
    for key in value:
        if key not in allowed:
            raise bad(key, f"{path}.{key}")
    found = number_of(value.get("id"))
    if found is None:
        raise bad("id", f"{path}.id", expected_data_type="bigint")
    if field.kind == "layout":
        return _layout(module, found, path)
    if field.kind != "lookup":
        return user(world, found, f"{path}.id")
    record = world.store.get(field.look_up, found) if field.look_up else None
    if record is None:
        raise bad("id", f"{path}.id", "the related id given seems to be invalid")
    return named(field.look_up, record)


def _layout(module: str, found: int, path: str) -> Record:
    if str(found) != LAYOUT_IDS[module]:
        raise bad("id", f"{path}.id", "the related id given seems to be invalid")
    return {"id": str(found), "name": "Standard"}


def named(module: str, record: Record) -> Record:
    """Return a record as others name it."""
    return {"id": record["id"], "name": record.get(NAMED[module])}


def user(world: World, found: int, path: str) -> Record:
    """Return an active user as records name users; raises the refusal when there is no such user."""
    record = world.store.get("user", found)
    if record is None or record["status"] != "active":
        raise bad("id", path, "invalid user")
    return {"id": record["id"], "name": record["full_name"], "email": record["email"]}


def _tags(world: World, module: str, given: Any, path: str) -> list[Record]:
    if not isinstance(given, list):
        raise bad("Tag", path, expected_data_type="jsonarray")
    for place, tag in enumerate(given):
        if not isinstance(tag, dict) or set(tag) - {"name", "id", "color_code"} or not text(tag.get("name")):
            raise bad("Tag", f"{path}[{place}]", expected_data_type="jsonobject")
        if not 1 <= len(tag["name"]) <= 25:
            raise bad("name", f"{path}[{place}].name", maximum_length=25)
    return tags(world, module, [tag["name"] for tag in given])


def tags(world: World, module: str, names: list[str]) -> list[Record]:
    """Return tags of a module by name; those that are not there yet are made."""
    return [_tag(world, module, name) for name in dict.fromkeys(names)]


def _tag(world: World, module: str, name: str) -> Record:
    found = world.store.find("tag", "name", f"{module}:{name.casefold()}")
    if found:
        tag = found[0][1]
    else:
        number = world.store.next_id("tag")
        tag = {"id": str(number), "name": name, "color_code": None, "module": module, "made": world.now}
        world.store.create("tag", number, tag)
    return {key: tag[key] for key in ("id", "name", "color_code")}


def stage_fits(record: Record, base: str) -> None:
    """Refuse a stage that the deal's pipeline does not have (MAPPING_MISMATCH: zoho/crm-oas, v8.0/convert_lead)."""
    pipeline, stage = record.get("Pipeline"), record["Stage"]
    if pipeline is None:
        pipeline = next((name for name, stages in PIPELINES.items() if stage in stages), None)
        record["Pipeline"] = pipeline
    if pipeline is None or stage not in PIPELINES[pipeline]:
        details = {"mapped_field": "Pipeline", "api_name": "Stage", "json_path": f"{base}.Stage"}
        message = "Pipeline doesn`t contain the Stage"
        raise refused_item("MAPPING_MISMATCH", message, unclear=f"{base}.Stage", **details)
