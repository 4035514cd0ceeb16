"""What a lead could be converted into: ``GET /Leads/{id}/__conversion_options`` (v5 on).

Source: zoho.com/crm/developer/docs/api/v5/lead-conversion-options.html. Which fields are compared is told by the reply
only; here the lead's e-mail and telephone with contacts, its company and telephone with accounts, and the deals of
those accounts [?].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_zoho.sandbox.asking import CRM_V5, ID, allow
from leadlens_zoho.sandbox.convert import open_for_conversion
from leadlens_zoho.sandbox.dress import refused
from leadlens_zoho.sandbox.fields import FIELDS, MODULE_IDS, ids_of
from leadlens_zoho.sandbox.shape import shown

_COMPARED: Final[Mapping[str, Mapping[str, str]]] = {
    "Contacts": {"Phone": "Phone", "Email": "Email"},
    "Accounts": {"Account_Name": "Company", "Phone": "Phone"},
}
_TOLD: Final[Mapping[str, tuple[str, ...]]] = {
    "Contacts": ("Full_Name", "Email", "Phone", "Locked__s", "Account_Name", "$editable", "$approval_state"),
    "Accounts": ("Layout", "Phone", "Account_Type", "Locked__s", "Website", "Account_Name", "$editable",
                 "$approval_state"),
    "Deals": ("Deal_Name", "Stage", "Amount", "Closing_Date", "Account_Name", "Contact_Name", "$editable"),
}  # fmt: skip


def options(world: World, request: Request) -> Reply:
    """Answer the records that look like the lead; 204 when none does."""
    allow(request)
    lead = world.store.get("Leads", int(request.args["id"]))
    if lead is None:
        raise refused("INVALID_DATA", "invalid data", unclear="lead id", resource_path_index=1)
    open_for_conversion(lead)
    found = {module: _alike(world, lead, module) for module in _COMPARED}
    found["Deals"] = _deals(world, [record["id"] for record in found["Accounts"]])
    if not any(found.values()):
        return Reply(204)
    out: dict[str, Any] = {module: [_told(module, record) for record in records] for module, records in found.items()}
    out["module_preference"] = {"api_name": "Contacts", "id": MODULE_IDS["Contacts"]}
    out["preference_field_matched_value"] = {module: _matched(lead, module) for module in _COMPARED}
    out["modules_with_multiple_layouts"] = []
    return Reply(200, {"__conversion_options": out})


def _alike(world: World, lead: Record, module: str) -> list[Record]:
    return [record for _, record in world.store.iterate(module) if _is_alike(lead, module, record)]


def _is_alike(lead: Record, module: str, record: Record) -> bool:
    pairs = [(record.get(name), lead.get(mine)) for name, mine in _COMPARED[module].items()]
    return any(one and other and one.casefold() == other.casefold() for one, other in pairs)


def _matched(lead: Record, module: str) -> list[dict[str, Any]]:
    """Return the fields that were compared and the lead's values, those too by which no record was found."""
    return [
        {"field": {"api_name": name, "id": ids_of(module)[name]}, "matched_lead_value": lead[mine]}
        for name, mine in _COMPARED[module].items()
        if lead.get(mine)
    ]


def _deals(world: World, accounts: list[str]) -> list[Record]:
    return [record for _, record in world.store.iterate("Deals") if _account_of(record) in accounts]


def _account_of(deal: Record) -> str | None:
    return (deal.get("Account_Name") or {}).get("id")


def _told(module: str, record: Record) -> dict[str, Any]:
    whole = shown(module, record, None, FIELDS[module])
    if whole.get("Account_Name") and module != "Accounts":
        whole["Account_Name"] = {**whole["Account_Name"], "Locked__s": False}
    return {"id": record["id"], **{name: whole[name] for name in _TOLD[module]}}


ROUTES = (Route("GET", f"{CRM_V5}/Leads/{ID}/__conversion_options", "list_conversion_options", options, search=True),)
