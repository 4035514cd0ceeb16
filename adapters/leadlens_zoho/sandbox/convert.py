"""Zoho's conversion: ``POST /Leads/{id}/actions/convert`` (zoho.com/crm/developer/docs/api/v5/convert-lead.html).

The lead stays, flagged; a second conversion is refused. v2 and v2.1 name ids bare and answer with bare ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from leadlens.emulation.checking import anything, flag, obj, problems
from leadlens.emulation.clock import iso_offset
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_zoho.sandbox.dress import refused, refused_item
from leadlens_zoho.sandbox.records import CRM, ID, items, made, me, number_of

_KEYS: Final = {
    "overwrite": flag,
    "notify_lead_owner": flag,
    "notify_new_entity_owner": flag,
    "Accounts": anything,
    "Contacts": anything,
    "assign_to": anything,
    "Deals": obj,
    "carry_over_tags": obj,
}
_SINCE: Final = {"move_attachments_to": 5, "add_to_existing_record": 6}
_TO_CONTACT: Final = {
    "First_Name": "First_Name", "Last_Name": "Last_Name", "Salutation": "Salutation", "Email": "Email",
    "Secondary_Email": "Secondary_Email", "Phone": "Phone", "Mobile": "Mobile", "Fax": "Fax", "Designation": "Title",
    "Lead_Source": "Lead_Source", "Skype_ID": "Skype_ID", "Twitter": "Twitter", "Street": "Mailing_Street",
    "City": "Mailing_City", "State": "Mailing_State", "Zip_Code": "Mailing_Zip", "Country": "Mailing_Country",
    "Description": "Description",
}  # fmt: skip
_TO_ACCOUNT: Final = {
    "Company": "Account_Name", "Phone": "Phone", "Fax": "Fax", "Website": "Website", "Industry": "Industry",
    "Rating": "Rating", "Annual_Revenue": "Annual_Revenue", "No_of_Employees": "Employees", "Street": "Billing_Street",
    "City": "Billing_City", "State": "Billing_State", "Zip_Code": "Billing_Code", "Country": "Billing_Country",
}  # fmt: skip


def convert(world: World, request: Request) -> Reply:
    """Turn a lead into a contact, an account if it names a company or one is given, and a deal if asked."""
    number = int(request.args["id"])
    lead = world.store.get("Leads", number)
    if lead is None:
        raise refused("INVALID_DATA", "the id given seems to be invalid", unclear="lead id", resource_path_index=1)
    if lead.get("$converted"):
        raise refused("ID_ALREADY_CONVERTED", "id already converted")
    version = request.args["version"]
    item = _item(request, version)
    account = _existing(world, item, "Accounts", version) or _account(world, lead, item, version)
    contact = _existing(world, item, "Contacts", version) or _contact(world, lead, item, version, account)
    deal = _deal(world, lead, item, contact, account)
    _flagged(world, number, lead, contact, account, deal)
    made_ = {"Contacts": contact, "Deals": deal, "Accounts": account}
    return Reply(200, {"data": [_plain(made_) if _is_old(version) else _told(made_)]})


def _item(request: Request, version: str) -> dict[str, Any]:
    item = items(request, 1)[0]
    major = float(version[1:])
    keys = _KEYS | {name: anything for name, since in _SINCE.items() if major >= since}
    for problem in problems(item, keys):
        path = f"$.data[0].{problem.key}"
        raise refused_item("INVALID_DATA", "invalid data", unclear=path, api_name=problem.key, json_path=path)
    deal: dict[str, Any] | None = item.get("Deals")
    wanted = ("Deal_Name", "Closing_Date", "Stage", *(("Pipeline",) if major >= 5 else ()))
    if deal is None:
        return item
    for name in wanted:
        if deal.get(name) in (None, ""):  # what is given may not be hashable
            path = f"$.data[0].Deals.{name}"
            raise refused_item("MANDATORY_NOT_FOUND", "required field not found", api_name=name, json_path=path)
    return item


def _is_old(version: str) -> bool:
    return version in {"v2", "v2.1"}


def _id(item: Mapping[str, Any], key: str, version: str) -> int | None:
    """Return the id under a key: bare in v2 and v2.1, in an object after; refuses any other form."""
    given = item.get(key)
    if given is None:
        return None
    bare = given if _is_old(version) else given.get("id") if isinstance(given, dict) else None
    found = number_of(bare)
    if found is None:
        path = f"$.data[0].{key}"
        raise refused_item("INVALID_DATA", "invalid data", unclear=path, api_name=key, json_path=path)
    return found


def _existing(world: World, item: Mapping[str, Any], module: str, version: str) -> Record | None:
    number = _id(item, module, version)
    if number is None:
        return None
    record = world.store.get(module, number)
    if record is None:
        path = f"$.data[0].{module}.id"
        raise refused_item(
            "INVALID_DATA", "the id given seems to be invalid", unclear=path, api_name="id", json_path=path
        )
    return record


def _account(world: World, lead: Record, item: Mapping[str, Any], version: str) -> Record | None:
    if not lead.get("Company"):
        return None
    given = {there: lead[here] for here, there in _TO_ACCOUNT.items() if lead.get(here) is not None}
    return made(world, "Accounts", given | _owner(world, lead, item, version) | _tags(lead, item, "Accounts"))


def _contact(world: World, lead: Record, item: Mapping[str, Any], version: str, account: Record | None) -> Record:
    given = {there: lead[here] for here, there in _TO_CONTACT.items() if lead.get(here) is not None}
    given |= {"Account_Name": {"id": account["id"], "name": account["Account_Name"]}} if account else {}
    return made(world, "Contacts", given | _owner(world, lead, item, version) | _tags(lead, item, "Contacts"))


def _owner(world: World, lead: Record, item: Mapping[str, Any], version: str) -> Record:
    """Return the owner of contact and account: ``assign_to``, else the lead's."""
    number = _id(item, "assign_to", version)
    if number is None:
        return {"Owner": lead["Owner"]}
    user = world.store.get("user", number)
    if user is None:
        path = "$.data[0].assign_to"
        raise refused_item("INVALID_DATA", "invalid user", unclear=path, api_name="assign_to", json_path=path)
    return {"Owner": {"id": user["id"], "name": user["full_name"], "email": user["email"]}}


def _tags(lead: Record, item: Mapping[str, Any], module: str) -> Record:
    """Return those of the lead's tags that are to be carried over."""
    wanted = item.get("carry_over_tags", {}).get(module, [])
    return {"Tag": [tag for tag in lead["Tag"] if tag["name"] in wanted]}


def _deal(
    world: World, lead: Record, item: Mapping[str, Any], contact: Record, account: Record | None
) -> Record | None:
    """Make the deal; its owner is the one given inside it, else the lead's; the role is not shown on the deal."""
    asked = item.get("Deals")
    if asked is None:
        return None
    owner = (
        {"Owner": lead["Owner"]} if "Owner" not in asked else _owner(world, lead, {"assign_to": asked["Owner"]}, "v8")
    )
    given = {key: value for key, value in asked.items() if key not in {"Contact_Role", "Owner"}}
    given |= {"Contact_Name": {"id": contact["id"], "name": contact["Full_Name"]}, **owner}
    given |= {"Account_Name": {"id": account["id"], "name": account["Account_Name"]}} if account else {}
    return made(world, "Deals", given | _tags(lead, item, "Deals"))


def _flagged(
    world: World, number: int, lead: Record, contact: Record, account: Record | None, deal: Record | None
) -> None:
    detail = {
        "contact": contact["id"],
        "account": account["id"] if account else None,
        "deal": deal["id"] if deal else None,
        "convert_date": iso_offset(world.now)[:10],
        "converted_by": me(world)["id"],
    }
    world.store.replace("Leads", number, {**lead, "$converted": True, "$converted_detail": detail}, what="converted")


def _plain(made_: Mapping[str, Record | None]) -> dict[str, str | None]:
    return {module: record["id"] if record else None for module, record in made_.items()}


_NAMED: Final = {"Contacts": "Full_Name", "Deals": "Deal_Name", "Accounts": "Account_Name"}


def _told(made_: Mapping[str, Record | None]) -> dict[str, Any]:
    details = {
        module: {"name": record[_NAMED[module]], "id": record["id"]} if record else None
        for module, record in made_.items()
    }
    message = "The record has been converted successfully"
    return {"code": "SUCCESS", "details": details, "message": message, "status": "success"}


ROUTES = (Route("POST", f"{CRM}/Leads/{ID}/actions/convert", "convert_lead", convert, cost=5),)
