"""The jobs as a busy programmer writes them: dict to dict, no model, no checks, no report of what is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import orjson
from tests.bench.jobs import JobName, Translate

Wire = dict[str, Any]


def convert_reply(wire: Wire) -> Wire:
    """Return Zoho's convert reply for Copper's."""
    details: Wire = {}
    if (person := wire.get("person")) is not None:
        details["Contacts"] = {"id": str(person["id"]), "name": person["name"]}
    if (company := wire.get("company")) is not None:
        details["Accounts"] = {"id": str(company["id"]), "name": company["name"]}
    if (deal := wire.get("opportunity")) is not None:
        details["Deals"] = {"id": str(deal["id"]), "name": deal["name"]}
    message = "The record has been converted successfully"
    return {"data": [{"code": "SUCCESS", "message": message, "status": "success", "details": details}]}


_TEXTS = {"title": "Designation", "company_name": "Company", "details": "Description", "status": "Lead_Status"}
_NAMES = {"prefix": "Salutation", "first_name": "First_Name", "last_name": "Last_Name"}
_ADDRESS = {"street": "Street", "city": "City", "state": "State", "postal_code": "Zip_Code", "country": "Country"}
_PHONES = {"work": "Phone", "mobile": "Mobile", "fax": "Fax"}


def lead(wire: Wire) -> Wire:
    """Return the record of Zoho's upsert for Copper's lead."""
    out: Wire = {}
    _copy(wire, out, _NAMES)
    _copy(wire, out, _TEXTS)
    if email := wire.get("email"):
        out["Secondary_Email" if email["category"] == "other" else "Email"] = email["email"]
    _phones(wire.get("phone_numbers") or [], out)
    for website in wire.get("websites") or ():
        out.setdefault("Website", website["url"])
    for social in wire.get("socials") or ():
        if social["category"] == "twitter":
            out.setdefault("Twitter", social["url"])
    if address := wire.get("address"):
        _copy(address, out, _ADDRESS)
    if (owner := wire.get("assignee_id")) is not None:
        out["Owner"] = {"id": str(owner)}
    if tags := wire.get("tags"):
        out["Tag"] = [{"name": tag} for tag in tags]
    return out


def _copy(wire: Wire, out: Wire, keys: dict[str, str]) -> None:
    for old, new in keys.items():
        if (said := wire.get(old)) is not None:
            out[new] = said


def _phones(phones: list[Wire], out: Wire) -> None:
    for phone in phones:
        if phone["category"] in _PHONES:
            out.setdefault(_PHONES[phone["category"]], phone["number"])
    for phone in phones:
        if phone["category"] not in _PHONES:
            out.setdefault("Phone", phone["number"])


_BY_JOB: dict[JobName, Callable[[Wire], Wire]] = {"conversion": convert_reply, "lead": lead}


def with_json(name: JobName) -> Translate:
    """Return the job with the standard library's json."""
    work = _BY_JOB[name]
    return lambda data: json.dumps(work(json.loads(data)), ensure_ascii=False, separators=(",", ":")).encode()


def with_orjson(name: JobName) -> Translate:
    """Return the job with orjson."""
    work = _BY_JOB[name]
    return lambda data: orjson.dumps(work(orjson.loads(data)))
