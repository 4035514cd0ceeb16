"""What an account of Zoho has to point to (zoho/crm-oas, the vendor's own description of v8; the same calls since v2).

Statuses, sources, stages and the like are options of a field, and records name them by their text alone. So they have
no id here. One stage may be in several pipelines: it is told once for each, within it.

Pipelines are read layout by layout: ``GET /settings/layouts?module=Deals`` (layouts-meta.html, v2 to v8), then
``GET /settings/pipeline?layout_id=`` (get-pipelines.html, v2.1 to v8, the same reply in all of them). No page of v2 has
pipelines: there, stages do not tell their pipeline. Nor do they where the account has none: 204 is documented for a
layout without pipelines; how an edition without the feature refuses is unknown [?], so that any refusal as invalid or
not supported is taken for it. A refusal for lack of rights is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from leadlens.catalogue import Choice
from leadlens.errors import InvalidRequestError, NotPermittedError, UsageError
from leadlens.flow import Flow
from leadlens.model import JSON, Ref
from leadlens.operations import answered, read
from leadlens_zoho.asking import PAGE, module, rows
from leadlens_zoho.versions import Version, since

_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "pipeline": ("deal", "Pipeline"),
    "stage": ("deal", "Stage"),
    "status": ("lead", "Lead_Status"),
    "source": ("lead", "Lead_Source"),
    "contact_source": ("contact", "Lead_Source"),
    "deal_source": ("deal", "Lead_Source"),
    "loss_reason": ("deal", "Reason_For_Loss__s"),
    "company_type": ("company", "Account_Type"),
}
_TAGS: Final[Mapping[str, str]] = {
    "tag": "lead", "contact_tag": "contact", "company_tag": "company", "deal_tag": "deal",
}  # fmt: skip
_NO_FEATURE: Final = "FEATURE_NOT_SUPPORTED"
_NONE: Final = "-None-"
"""The option that stands for no option."""
KINDS: Final = ("user", "contact_role", *_TAGS, *_FIELDS)
"""What there is to choose from."""


def choices(version: Version, kind: str) -> Flow[tuple[Choice, ...]]:
    """Return all things of one kind that the account's records can point to."""
    pairs = yield from told(version, kind)
    return tuple(choice for _, choice in pairs)


def told(version: Version, kind: str) -> Flow[list[tuple[JSON, Choice]]]:
    """Return all things of one kind that records can point to, each as Zoho writes it and as a choice."""
    if kind == "user":
        return (yield from _users(version))
    if kind == "contact_role":
        reply = yield read("list_contact_role", "GET", f"/crm/{version}/Contacts/roles")
        with answered("zoho", reply):
            return [(role, _named(kind, role)) for role in rows(reply, "contact_roles")]
    if kind in _TAGS:
        asked = {"module": module(_TAGS[kind])}
        reply = yield read(f"list_{kind}", "GET", f"/crm/{version}/settings/tags", query=asked)
        with answered("zoho", reply):
            return [(tag, _named(kind, tag)) for tag in rows(reply, "tags")]
    if kind == "stage":
        return (yield from _stages(version))
    if kind in _FIELDS:
        return (yield from _options(version, kind, *_FIELDS[kind]))
    raise UsageError(f"Zoho has no {kind!r} to choose from; there are {', '.join(KINDS)}")


def _users(version: Version) -> Flow[list[tuple[JSON, Choice]]]:
    found: list[tuple[JSON, Choice]] = []
    for page in range(1, 1_000_000):
        asked = {"type": "AllUsers", "page": page, "per_page": PAGE}
        reply = yield read("list_user", "GET", f"/crm/{version}/users", query=asked)
        with answered("zoho", reply):
            found += [(user, _user(user)) for user in rows(reply, "users")]
            if reply.body is None or not reply.body["info"]["more_records"]:
                break
    return found


def _user(wire: Mapping[str, Any]) -> Choice:
    active = wire.get("status") in (None, "active")
    return Choice("user", Ref(str(wire["id"]), wire["full_name"]), email=wire.get("email"), active=active)


def _named(kind: str, wire: Mapping[str, Any], name: str = "name") -> Choice:
    return Choice(kind, Ref(str(wire["id"]), wire[name]))


def _options(version: Version, kind: str, record: str, name: str) -> Flow[list[tuple[JSON, Choice]]]:
    reply = yield read(f"list_{kind}", "GET", f"/crm/{version}/settings/fields", query={"module": module(record)})
    with answered("zoho", reply):
        fields = [field for field in rows(reply, "fields") if field["api_name"] == name]
        options = [option for field in fields for option in field.get("pick_list_values", ())]
        named = [(option["actual_value"], option) for option in options if option.get("type") != "unused"]
    return [(option, Choice(kind, Ref(None, text))) for text, option in named if text != _NONE]


# --- stages ----------------------------------------------------------------------------------------------------------


def _stages(version: Version) -> Flow[list[tuple[JSON, Choice]]]:
    """Return the stages, once for each pipeline that has them; one that no pipeline has is offered no more."""
    options = yield from _options(version, "stage", *_FIELDS["stage"])
    placed = (yield from _placed(version)) if since(version, "v2.1") else []
    named = {choice.ref for _, choice in placed}
    rest = [(wire, choice) for wire, choice in options if choice.ref not in named]
    return [*placed, *((wire, attrs.evolve(choice, active=False)) for wire, choice in rest)] if placed else rest


def _placed(version: Version) -> Flow[list[tuple[JSON, Choice]]]:
    """Return the stages of all pipelines of all layouts; of a pipeline that two layouts have, each stage once."""
    reply = yield read("list_layouts", "GET", f"/crm/{version}/settings/layouts", query={"module": module("deal")})
    with answered("zoho", reply):
        layouts = [str(layout["id"]) for layout in rows(reply, "layouts")]
    found: dict[Choice, JSON] = {}
    for layout in layouts:
        for wire, choice in (yield from _of_layout(version, layout)):
            found.setdefault(choice, wire)
    return [(wire, choice) for choice, wire in found.items()]


def _of_layout(version: Version, layout: str) -> Flow[list[tuple[JSON, Choice]]]:
    """Return the stages of the pipelines of a layout; none where the account has no such feature."""
    asked = {"layout_id": layout}
    try:
        reply = yield read("list_pipelines", "GET", f"/crm/{version}/settings/pipeline", query=asked)
    except InvalidRequestError:
        return []
    except NotPermittedError as error:
        if error.code != _NO_FEATURE:
            raise
        return []
    with answered("zoho", reply):
        return [
            (stage, Choice("stage", Ref(None, stage["actual_value"]), Ref(None, pipeline["actual_value"])))
            for pipeline in rows(reply, "pipeline") for stage in pipeline["maps"]
        ]  # fmt: skip
