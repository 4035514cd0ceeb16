"""What the account is: fields, layouts, pipelines, roles, tags, users, organisation.

Source: zoho/crm-oas, the vendor's own description of v8, applied to all versions. Layouts and pipelines:
zoho.com/crm/developer/docs/api/…/layouts-meta.html (v2, v7, v8) and get-pipelines.html (v2.1 to v8; none of v2).
"""

from __future__ import annotations

from typing import Any, Final

from leadlens.emulation.clock import iso_offset
from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_zoho.sandbox import activities
from leadlens_zoho.sandbox.asking import CRM, CRM_V2_1, allow, choice, needed, whole, wrong
from leadlens_zoho.sandbox.fields import FIELDS, LAYOUT_IDS, MODULE_IDS, MODULES, OPTIONS, PIPELINES, Field, carried
from leadlens_zoho.sandbox.fields import ids_of as field_ids
from leadlens_zoho.sandbox.making import fields_of
from leadlens_zoho.sandbox.shape import me

_OWN: Final = {"own_text": "text", "own_number": "double", "own_flag": "boolean", "own_time": "datetime",
               "own_lookup": "lookup", "own_autonumber": "autonumber",
               "stage": "picklist", "pipeline": "picklist", "percent_whole": "integer",
               "layout": "lookup", "tags": "text"}  # fmt: skip
_NO_FILTERS: Final = frozenset(("textarea",))
"""Types that no filter takes: long texts (help.zoho.com, Kaizen #1); of the others it is assumed [unknown]."""
_JSON: Final = {"integer": "integer", "bigint": "string", "double": "double", "currency": "double",
                "percent": "double", "boolean": "boolean", "lookup": "jsonobject", "ownerlookup": "jsonobject",
                "userlookup": "jsonobject", "multiselectpicklist": "jsonarray"}  # fmt: skip
_KINDS: Final = ("AllUsers", "ActiveUsers", "DeactiveUsers", "ConfirmedUsers", "NotConfirmedUsers", "DeletedUsers",
                 "ActiveConfirmedUsers", "AdminUsers", "ActiveConfirmedAdmins", "CurrentUser")  # fmt: skip


def fields(world: World, request: Request) -> Reply:
    """``GET /settings/fields?module=``: every field, standard and custom, with its options and where it is carried."""
    allow(request, "module", "type", "include")
    choice(request, "type", ("all", "unused"), "all")
    if request.param("module") in activities.MODULES:
        return Reply(200, {"fields": activities.fields(str(request.param("module")))})
    module = _module(request)
    return Reply(200, {"fields": [_field(module, field) for field in fields_of(world, module).values()]})


def _module(request: Request) -> str:
    module = needed(request, "module")
    if module not in MODULES:
        raise wrong("module")
    return module


def _field(module: str, field: Field) -> dict[str, Any]:
    kind, writable = _OWN.get(field.kind, field.kind), not field.read_only
    label = field.label or field.name.replace("__s", "").replace("_", " ")
    return {
        "id": _number(module, field), "api_name": field.name, "field_label": label, "display_label": label,
        "data_type": kind, "json_type": "jsonarray" if field.kind == "tags" else _JSON.get(kind, "string"),
        "length": field.length, "decimal_place": 2 if kind in {"currency", "double", "percent"} else None,
        "filterable": kind not in _NO_FILTERS, "searchable": kind not in _NO_FILTERS,
        "custom_field": field.custom, "system_mandatory": field.required, "read_only": not writable,
        "field_read_only": not writable, "visible": True,
        "unique": {"casesensitive": ""} if field.unique else {}, "pick_list_values": _options(module, field),
        "lookup": {"module": {"api_name": field.look_up, "id": MODULE_IDS[field.look_up]}} if field.look_up else {},
        "operation_type": {"web_update": writable, "api_create": writable, "web_create": writable,
                           "api_update": writable},
        "convert_mapping": _carried(field.name) if module == "Leads" else None,
    }  # fmt: skip


def _number(module: str, field: Field) -> str:
    return field.number or field_ids(module)[field.name]


def _carried(name: str) -> dict[str, str | None]:
    return {module: carried(module).get(name) for module in ("Contacts", "Accounts", "Deals")}


def _options(module: str, field: Field) -> list[dict[str, Any]]:
    if field.kind == "stage":
        names = list(dict.fromkeys(stage for stages in PIPELINES.values() for stage in stages))
    else:
        names = list(PIPELINES) if field.kind == "pipeline" else list(field.options or OPTIONS.get(field.name, ()))
    first = int(_number(module, field))
    return [
        {"id": str(first + 1_000_000 + 1_000 * place), "display_value": name, "actual_value": name,
         "sequence_number": place, "type": "used"}
        for place, name in enumerate(names, 1)
    ]  # fmt: skip


def layouts(world: World, request: Request) -> Reply:
    """``GET /settings/layouts?module=``: the one layout that a module has here, with its fields in one section."""
    allow(request, "module")
    module = _module(request)
    shown = [_field(module, field) for field in fields_of(world, module).values()]
    section = {"api_name": f"{module} Information", "display_label": f"{module} Information", "fields": shown}
    layout = {
        "id": LAYOUT_IDS[module], "name": "Standard", "display_label": "Standard", "generated_type": "system",
        "status": "active", "visible": True, "sections": [section],
    }  # fmt: skip
    return Reply(200, {"layouts": [layout]})


def pipelines(world: World, request: Request) -> Reply:
    """``GET /settings/pipeline?layout_id=``: the pipelines of a layout of Deals with their stages."""
    allow(request, "layout_id")
    if needed(request, "layout_id") != LAYOUT_IDS["Deals"]:
        raise wrong("layout_id")
    return Reply(200, {"pipeline": [_pipeline(place, name) for place, name in enumerate(PIPELINES)]})


def _pipeline(place: int, name: str) -> dict[str, Any]:
    """Return a pipeline; the ids of its stages are those of the options of the field Stage, as in the page's sample."""
    ids = {option["actual_value"]: option["id"] for option in _options("Deals", FIELDS["Deals"]["Stage"])}
    maps = [
        {"id": ids[stage], "display_value": stage, "actual_value": stage, "sequence_number": at, **_forecast(chance)}
        for at, (stage, chance) in enumerate(PIPELINES[name].items(), 1)
    ]
    head = {"id": str(3652397000003097001 + 6 * place), "display_value": name, "actual_value": name}
    return {**head, "default": place == 0, "maps": maps}


def _forecast(chance: int) -> dict[str, Any]:
    kind, category = ("Open", 0) if 0 < chance < 100 else ("Closed Won", 1) if chance else ("Closed Lost", 2)
    name = ("Pipeline", "Closed", "Omitted")[category]
    return {"forecast_type": kind, "forecast_category": {"name": name, "id": str(3652397000000006787 + 2 * category)}}


def roles(world: World, request: Request) -> Reply:
    """``GET /Contacts/roles``: the roles that a contact can have in a deal."""
    allow(request)
    found = [role for _, role in world.store.iterate("role")]
    return Reply(200, {"contact_roles": found})


def tags(world: World, request: Request) -> Reply:
    """``GET /settings/tags?module=``: the tags of a module."""
    allow(request, "module", "my_tags")
    choice(request, "my_tags", ("true", "false"), "false")
    module, by = _module(request), me(world)
    found = [_tag(tag, by) for _, tag in world.store.iterate("tag") if tag["module"] == module]
    if not found:
        return Reply(204)
    return Reply(200, {"tags": found, "info": {"count": len(found), "allowed_count": 500}})


def _tag(tag: Record, by: Record) -> dict[str, Any]:
    made = iso_offset(tag["made"])
    plain = {key: tag[key] for key in ("id", "name", "color_code")}
    return {**plain, "created_time": made, "modified_time": made, "created_by": by, "modified_by": by}


def users(world: World, request: Request) -> Reply:
    """``GET /users``: all users, those of a kind, those with ids, or whose token it is."""
    allow(request, "type", "page", "per_page", "ids")
    kind = choice(request, "type", _KINDS, "AllUsers")
    size, number = whole(request, "per_page", 200, 200), whole(request, "page", 1, 10**9)
    wanted = request.param("ids")
    found = [user for _, user in world.store.iterate("user") if _is(world, user, kind)]
    found = [user for user in found if wanted is None or user["id"] in wanted.split(",")]
    part = found[(number - 1) * size : number * size]
    if not part:
        return Reply(204)
    more = len(found) > number * size
    info = {"per_page": size, "count": len(part), "page": number, "more_records": more}
    return Reply(200, {"users": part, "info": info})


def _is(world: World, user: Record, kind: str) -> bool:
    active = user["status"] == "active"
    if kind == "CurrentUser":
        return bool(user["id"] == me(world)["id"])
    if "Admin" in kind:
        return active and bool(user["profile"]["name"] == "Administrator")
    return {"DeactiveUsers": not active, "DeletedUsers": False, "NotConfirmedUsers": False}.get(
        kind, active or kind in {"AllUsers", "ConfirmedUsers"}
    )


def organization(world: World, request: Request) -> Reply:
    """``GET /org``: the account."""
    allow(request)
    _, found = next(world.store.iterate("org"))
    return Reply(200, {"org": [found]})


ROUTES = (
    Route("GET", f"{CRM}/settings/fields", "list_fields", fields),
    Route("GET", f"{CRM}/settings/layouts", "list_layouts", layouts),
    Route("GET", f"{CRM_V2_1}/settings/pipeline", "list_pipelines", pipelines),
    Route("GET", f"{CRM}/Contacts/roles", "list_contact_roles", roles),
    Route("GET", f"{CRM}/settings/tags", "list_tags", tags),
    Route("GET", f"{CRM}/users", "list_users", users),
    Route("GET", f"{CRM}/org", "get_organization", organization),
)
