"""Zoho's conversion, ``POST /Leads/{id}/actions/convert``, read and answered; ``conversion`` carries it out.

Sources: zoho.com/crm/developer/docs/api/v5/convert-lead.html (keys, errors); zoho/crm-oas, v8.0/convert_lead (their
details). The lead stays, flagged; a second conversion is refused at the root. v2 and v2.1 name ids bare and answer
with bare ids. Third-party: a refusal inside ``data`` may come with status 202 (switch
``convert_refusal``). Unknown [?]: where ``add_to_existing_record`` stands; it is taken beside an id and at the top.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from leadlens.emulation.checking import flag, many, obj, problems, text
from leadlens.emulation.messages import Refusal, Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_zoho.sandbox.asking import CRM, ID, allow, items, major
from leadlens_zoho.sandbox.conversion import Made, Plan, carry_out
from leadlens_zoho.sandbox.dress import refused
from leadlens_zoho.sandbox.fields import NAMED
from leadlens_zoho.sandbox.shape import is_converted
from leadlens_zoho.sandbox.values import bad, checked, missing, number_of, stage_fits, user

_KEYS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "overwrite": flag, "notify_lead_owner": flag, "notify_new_entity_owner": flag, "add_to_existing_record": flag,
    "Accounts": lambda value: True, "Contacts": lambda value: True, "assign_to": lambda value: True, "Deals": obj,
    "carry_over_tags": obj, "move_attachments_to": obj,
}  # fmt: skip
_SINCE: Final = {"move_attachments_to": 5, "add_to_existing_record": 6}
_EXPECTED: Final = {"Deals": "jsonobject", "carry_over_tags": "jsonobject", "move_attachments_to": "jsonobject"}
_TARGETS: Final = ("Contacts", "Accounts", "Deals")


def convert(world: World, request: Request) -> Reply:
    """Turn a lead into a contact, an account if it names a company or one is given, and a deal if asked."""
    allow(request)
    number, version = int(request.args["id"]), major(request)
    lead = world.store.get("Leads", number)
    if lead is None:
        raise refused("INVALID_DATA", "invalid data", unclear="lead id", resource_path_index=1)
    open_for_conversion(lead)
    try:
        plan = planned(world, items(request, 1)[0], version, "$.data[0]")
        made = carry_out(world, number, lead, plan)
    except Refusal as refusal:
        raise _dressed(world, refusal) from None
    return Reply(200, {"data": [_plain(made) if version < 3 else _told(made)]})


def open_for_conversion(lead: Record) -> None:
    """Refuse a lead that is converted, locked, or waits for an approval."""
    if is_converted(lead):
        raise refused("ID_ALREADY_CONVERTED", "id already converted", resource_path_index=1)
    if lead.get("Locked__s"):
        raise refused("RECORD_LOCKED", "cannot convert record that is not approved yet", unclear="locked lead")
    if lead.get("$approved") is False:
        raise refused("NOT_APPROVED", "cannot convert record that is not approved yet", unclear="unapproved lead")


def _dressed(world: World, refusal: Refusal) -> Refusal:
    """Give a refusal inside ``data`` the status that the switch says."""
    inside = refusal.reply.status == 400 and "data" in refusal.reply.body
    if inside and world.switches["convert_refusal"] == "202":
        refusal.reply = attrs.evolve(refusal.reply, status=202)
    return refusal


def planned(
    world: World, item: Mapping[str, Any], version: float, base: str, wanted: tuple[str, ...] | None = None
) -> Plan:
    """Return what a conversion is to do; raises the refusal of what is not understood.

    ``wanted`` are the fields that a deal must have: name, closing date and stage, from v5 on the pipeline too.
    """
    if wanted is None:
        wanted = ("Deal_Name", "Closing_Date", "Stage", *(("Pipeline",) if version >= 5 else ()))
    keys = {key: check for key, check in _KEYS.items() if version >= _SINCE.get(key, 0)}
    for problem in problems(item, keys):
        expected = {} if problem.reason == "unknown" else {"expected_data_type": _EXPECTED.get(problem.key, "boolean")}
        raise bad(problem.key, f"{base}.{problem.key}", **expected)
    owner = _id(item, "assign_to", version, base)
    return Plan(
        account=_existing(world, item, "Accounts", version, base),
        contact=_existing(world, item, "Contacts", version, base),
        deal=_deal(world, item.get("Deals"), wanted, f"{base}.Deals"),
        role=_role(world, item.get("Deals"), f"{base}.Deals.Contact_Role"),
        owner=None if owner is None else user(world, owner, f"{base}.assign_to"),
        tags=_tags(item.get("carry_over_tags", {}), f"{base}.carry_over_tags"),
        attachments_to=_target(item, f"{base}.move_attachments_to"),
        overwrite=item.get("overwrite", False),
        add_to=tuple(module for module in _TARGETS if _adds(item, module)),
        notify=tuple(key for key in ("notify_lead_owner", "notify_new_entity_owner") if item.get(key)),
        base=base,
    )


def _id(item: Mapping[str, Any], key: str, version: float, base: str) -> int | None:
    """Return the id under a key: bare in v2 and v2.1, in an object after; refuses any other form."""
    given, path = item.get(key), f"{base}.{key}"
    if given is None:
        return None
    if version >= 3 and isinstance(given, dict):
        more = {"id", "add_to_existing_record"} if version >= 6 and key != "assign_to" else {"id"}
        for inner in set(given) - more:
            raise bad(inner, f"{path}.{inner}")
        if not isinstance(given.get("add_to_existing_record", False), bool):
            raise bad("add_to_existing_record", f"{path}.add_to_existing_record", expected_data_type="boolean")
    bare = given if version < 3 else given.get("id") if isinstance(given, dict) else None
    found = number_of(bare)
    if found is None:
        raise bad(key, path, expected_data_type="bigint" if version < 3 else "jsonobject")
    return found


def _existing(world: World, item: Mapping[str, Any], module: str, version: float, base: str) -> Record | None:
    number = _id(item, module, version, base)
    if number is None:
        return None
    record = world.store.get(module, number)
    if record is None:
        path = f"{base}.{module}" if version < 3 else f"{base}.{module}.id"
        raise bad(module if version < 3 else "id", path, "the id given seems to be invalid")
    return record


def _adds(item: Mapping[str, Any], module: str) -> bool:
    given = item.get(module)
    own = given.get("add_to_existing_record") if isinstance(given, dict) and module != "Deals" else None
    return bool(item.get("add_to_existing_record", False) if own is None else own)


def _deal(world: World, given: Any, wanted: tuple[str, ...], base: str) -> Record | None:
    if given is None:
        return None
    for name in wanted:
        if given.get(name) in (None, ""):  # what is given may not be hashable
            raise missing(name, f"{base}.{name}")
    deal = checked(world, "Deals", {key: value for key, value in given.items() if key != "Contact_Role"}, base)
    stage_fits(deal, base)
    return deal


def _role(world: World, deal: Any, path: str) -> Record | None:
    if deal is None or deal.get("Contact_Role") is None:
        return None
    number = number_of(deal["Contact_Role"])
    role = None if number is None else world.store.get("role", number)
    if role is None:
        raise bad("Contact_Role", path)
    return role


def _tags(given: Mapping[str, Any], base: str) -> dict[str, list[str]]:
    for problem in problems(given, dict.fromkeys(_TARGETS, many(text))):
        expected = {} if problem.reason == "unknown" else {"expected_data_type": "jsonarray"}
        raise bad(problem.key, f"{base}.{problem.key}", **expected)
    return dict(given)


def _target(item: Mapping[str, Any], path: str) -> str | None:
    """Return the module that attachments go to; its own id may stand beside it."""
    given = item.get("move_attachments_to")
    if given is None:
        return None
    for key in set(given) - {"id", "api_name"}:
        raise bad(key, f"{path}.{key}")
    if given.get("api_name") is None:
        raise missing("api_name", f"{path}.api_name")
    if given["api_name"] not in _TARGETS:
        raise bad("api_name", f"{path}.api_name")
    if given["api_name"] == "Deals" and item.get("Deals") is None:
        raise bad("api_name", f"{path}.api_name")
    if given.get("id") is not None and number_of(given["id"]) is None:
        raise bad("id", f"{path}.id", expected_data_type="bigint")
    return str(given["api_name"])


def _plain(made: Made) -> dict[str, str | None]:
    return {module: record["id"] if record else None for module, record in made.items()}


def _told(made: Made) -> dict[str, Any]:
    details = {
        module: {"name": record[NAMED[module]], "id": record["id"]} if record else None
        for module, record in made.items()
    }
    message = "The record has been converted successfully"
    return {"code": "SUCCESS", "details": details, "message": message, "status": "success"}


ROUTES = (Route("POST", f"{CRM}/Leads/{ID}/actions/convert", "convert_lead", convert, cost=5),)
