"""What belongs to a record: notes, attachments, and the contacts of a deal with their roles.

Sources: zoho/crm-oas, the vendor's own description of v8 (notes, attachments); zoho.com/crm/developer/docs/api/v5/
get-contact-roles-of-a-specific-deal.html. Attachments are read only here: a file is put in from Python.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from leadlens.emulation.checking import maybe, obj, problems, text
from leadlens.emulation.clock import iso_offset
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_zoho.sandbox.asking import CRM_V5, ID, allow, choice, items, needed, whole
from leadlens_zoho.sandbox.fields import MODULE_IDS, MODULES, NAMED
from leadlens_zoho.sandbox.records import SINGULAR, several, told
from leadlens_zoho.sandbox.shape import me
from leadlens_zoho.sandbox.values import bad, missing, named, number_of

_NOTE: Final = {"Note_Title": maybe(text), "Note_Content": text, "Parent_Id": obj}


def put(world: World, kind: str, module: str, record: str, given: Record) -> Record:
    """Keep a note or an attachment of a record."""
    number, now, by = world.store.next_id(kind), iso_offset(world.now), me(world)
    stamps = {"Created_Time": now, "Modified_Time": now, "Created_By": by, "Modified_By": by, "Owner": by}
    found = {"id": str(number), **given, **stamps, "parent": f"{module}:{record}"}
    world.store.create(kind, number, found)
    return found


def create_notes(world: World, request: Request) -> Reply:
    """``POST /Notes``: each note for itself."""
    allow(request)
    given = items(request, 100)
    calls = [partial(_noted, world, item, f"$.data[{place}]") for place, item in enumerate(given)]
    return several(world, calls, lambda done: 201)


def _noted(world: World, item: dict[str, Any], base: str) -> dict[str, Any]:
    for problem in problems(item, _NOTE, ("Note_Content", "Parent_Id")):
        path = f"{base}.{problem.key}"
        raise missing(problem.key, path) if problem.reason == "missing" else bad(problem.key, path)
    module = item["Parent_Id"].get("module")
    name = module.get("api_name") if isinstance(module, dict) else None
    if name not in MODULES:
        raise bad("api_name", f"{base}.Parent_Id.module.api_name")
    number = number_of(item["Parent_Id"].get("id"))
    if number is None or world.store.get(name, number) is None:
        raise bad("id", f"{base}.Parent_Id.id", "the id given seems to be invalid")
    kept = {key: item.get(key) for key in ("Note_Title", "Note_Content")}
    return told(put(world, "Notes", name, str(number), kept), "record added")


def _parent(world: World, record: Record) -> dict[str, Any]:
    module, _, number = record["parent"].partition(":")
    found = world.store.get(module, int(number)) or {}
    place = {"api_name": module, "id": MODULE_IDS[module]}
    return {"id": number, "name": found.get(NAMED[module]), "module": place}


def _shown(world: World, record: Record) -> dict[str, Any]:
    return {**{key: value for key, value in record.items() if key != "parent"}, "Parent_Id": _parent(world, record)}


def list_notes(world: World, request: Request) -> Reply:
    """``GET /Notes``: one page of notes; 204 when there are none."""
    allow(request, "fields", "ids", "page", "per_page", "sort_by", "sort_order")
    order = choice(request, "sort_order", ("asc", "desc"), "desc")
    names = None if request.param("fields") is None else ["id", *needed(request, "fields").split(",")]
    every = world.store.iterate("Notes", newest_first=order == "desc")
    return _page(request, [_only(_shown(world, note), names) for _, note in every])


def notes_of(world: World, request: Request, module: str) -> Reply:
    """``GET /Leads/{id}/Notes``: the notes of a record."""
    allow(request, "fields", "ids", "page", "per_page")
    names = ["id", *needed(request, "fields").split(",")]
    found = world.store.find("Notes", "parent", f"{module}:{request.args['id']}")
    return _page(request, [_only(_shown(world, one), names) for _, one in found])


def _only(record: dict[str, Any], names: list[str] | None) -> dict[str, Any]:
    return record if names is None else {key: value for key, value in record.items() if key in names}


def _page(request: Request, found: list[dict[str, Any]]) -> Reply:
    """Answer one page of those with the ids that are asked for."""
    wanted = request.param("ids")
    found = [one for one in found if wanted is None or one["id"] in wanted.split(",")]
    size, number = whole(request, "per_page", 200, 200), whole(request, "page", 1, 10**9)
    part, more = found[(number - 1) * size : number * size], len(found) > number * size
    info = {"per_page": size, "count": len(part), "page": number, "more_records": more}
    return Reply(200, {"data": part, "info": info}) if part else Reply(204)


def attachments(world: World, request: Request, module: str) -> Reply:
    """``GET /Leads/{id}/Attachments``: the files of a record, without their contents."""
    allow(request, "fields", "page", "per_page", "ids")
    names = ["id", *needed(request, "fields").split(",")]
    found = world.store.find("attachment", "parent", f"{module}:{request.args['id']}")
    return _page(request, [_only(_shown(world, one), names) for _, one in found])


def deal_roles(world: World, request: Request) -> Reply:
    """``GET /Deals/{id}/Contact_Roles``: the contacts of a deal and their roles."""
    allow(request, "fields", "ids", "page", "per_page")
    needed(request, "fields")
    found = world.store.find("deal_role", "parent", f"Deals:{request.args['id']}")
    return _page(request, [one for _, role in found if (one := _role(world, role))])


def _role(world: World, role: Record) -> dict[str, Any] | None:
    contact = world.store.get("Contacts", int(role["id"]))
    if contact is None:
        return None
    return {"id": role["id"], "name": named("Contacts", contact)["name"], "Contact_Role": role["Contact_Role"]}


ROUTES = (
    Route("GET", f"{CRM_V5}/Notes", "list_notes", list_notes, search=True),
    Route("POST", f"{CRM_V5}/Notes", "create_notes", create_notes),
    Route("GET", f"{CRM_V5}/Deals/{ID}/Contact_Roles", "list_deal_contact_roles", deal_roles, search=True),
    *(
        Route("GET", f"{CRM_V5}/{module}/{ID}/Attachments", f"list_{name}_attachments",
              partial(attachments, module=module), search=True)
        for module, name in SINGULAR.items()
    ),
    *(
        Route("GET", f"{CRM_V5}/{module}/{ID}/Notes", f"list_{name}_notes",
              partial(notes_of, module=module), search=True)
        for module, name in SINGULAR.items()
    ),
)  # fmt: skip
