"""The jobs over objects of both wires: typed input in, typed output out. Pydantic and cattrs share them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Classes = Mapping[str, Callable[..., Any]]


def convert_reply(reply: Any, out: Classes) -> Any:
    """Return Zoho's convert reply for Copper's."""
    details = out["Details"](
        Contacts=_named(reply.person, out), Accounts=_named(reply.company, out), Deals=_named(reply.opportunity, out)
    )
    message = "The record has been converted successfully"
    item = out["Converted"](code="SUCCESS", message=message, status="success", details=details)
    return out["ZohoConvertReply"](data=[item])


def _named(record: Any, out: Classes) -> Any:
    return None if record is None else out["Named"](id=str(record.id), name=record.name)


def lead(lead: Any, out: Classes) -> Any:
    """Return the record of Zoho's upsert for Copper's lead."""
    mail = lead.email
    other = mail is not None and mail.category == "other"
    phones = _by_category(lead.phone_numbers, "number", ("work", "mobile", "fax"), "work")
    address = lead.address
    return out["ZohoLead"](
        Salutation=lead.prefix,
        First_Name=lead.first_name,
        Last_Name=lead.last_name,
        Email=mail.email if mail is not None and not other else None,
        Secondary_Email=mail.email if mail is not None and other else None,
        Twitter=_by_category(lead.socials, "url", ("twitter",)).get("twitter"),
        Designation=lead.title,
        Company=lead.company_name,
        Phone=phones.get("work"),
        Mobile=phones.get("mobile"),
        Fax=phones.get("fax"),
        Website=_by_category(lead.websites, "url", ("work",), "work").get("work"),
        Street=address.street if address is not None else None,
        City=address.city if address is not None else None,
        State=address.state if address is not None else None,
        Zip_Code=address.postal_code if address is not None else None,
        Country=address.country if address is not None else None,
        Lead_Status=lead.status,
        Description=lead.details,
        Owner=None if lead.assignee_id is None else out["Named"](id=str(lead.assignee_id)),
        Tag=[out["Tag"](name=tag) for tag in lead.tags] if lead.tags else None,
    )


def _by_category(
    items: list[Any] | None, attribute: str, slots: tuple[str, ...], open_to_all: str | None = None
) -> dict[str, str]:
    """Return what goes into which slot; an item of another category takes the open one, if that is free."""
    held: dict[str, str] = {}
    for item in items or ():
        if item.category in slots:
            held.setdefault(item.category, getattr(item, attribute))
    for item in items or () if open_to_all is not None else ():
        if item.category not in slots:
            held.setdefault(open_to_all, getattr(item, attribute))  # type: ignore[arg-type]  # not None here
    return held
