"""``GET /field_layouts/by_entity/{entity}``: which fields an entity shows, and which it requires.

Source: field-layouts/list-field-layout-by-entity-type.html, with samples of people and opportunities; the layouts of
the other entities are not recorded [?]: theirs are put together in the same manner.
"""

from __future__ import annotations

from typing import Final

from leadlens.emulation.messages import Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox import customs
from leadlens_copper.sandbox.asking import knows
from leadlens_copper.sandbox.dress import invalid
from leadlens_copper.sandbox.fields import PLURALS
from leadlens_copper.sandbox.records import PREFIX

_KINDS: Final = {plural: kind for kind, plural in PLURALS.items()}

_STATIC: Final = {
    "person": "0 Name full_name, 2 Company primary_organization, 1 Title title, 3 Contact Type contact_group_id, "
    "4 Owner assignee, 5 Emails emails, 6 Phones phones, 7 Websites websites, 8 Social Media Accounts socials, "
    "9 Address address, 10 Visibility visibility, 11 Description details, 12 Tags tags",
    "opportunity": "0 Name name, 5 Pipeline pipeline_id, 1 Primary Contact related_contact, 2 Close Date deal_date, "
    "3 Company related_organization, 4 Status status, 6 Owner assignee, 7 Stage stage_id, 8 Source customer_source_id, "
    "9 Created created_date, 10 Value monetary_value, 11 Priority priority, 12 Win Percentage win_probability, "
    "13 Loss Reason loss_reason_id, 14 Visibility visibility, 15 Description details, 16 Tags tags",
    "lead": "0 Name full_name, 1 Title title, 2 Company company_name, 3 Status status, 4 Source customer_source_id, "
    "5 Owner assignee, 6 Value monetary_value, 7 Email email, 8 Phones phones, 9 Websites websites, "
    "10 Social Media Accounts socials, 11 Address address, 12 Description details, 13 Tags tags",
    "company": "0 Name name, 1 Contact Type contact_group_id, 2 Owner assignee, 3 Email Domain email_domain, "
    "4 Primary Contact primary_contact, 5 Phones phones, 6 Websites websites, 7 Social Media Accounts socials, "
    "8 Address address, 9 Description details, 10 Tags tags",
    "project": "0 Name name, 1 Related To related_resource, 2 Owner assignee, 3 Status status, "
    "4 Description details, 5 Tags tags",
    "task": "0 Name name, 1 Related To related_resource, 2 Owner assignee, 3 Due Date due_date, "
    "4 Reminder Date reminder_date, 5 Priority priority, 6 Status status, 7 Description details, 8 Tags tags",
}
"""Id, label and key of each static field, in their order."""

_NEEDED: Final = frozenset(("name", "full_name", "related_contact"))


def layout(world: World, request: Request) -> Reply:
    """Return the layout; that of opportunities must be asked for by pipeline."""
    kind = _KINDS[request.args["entity"]]
    pipeline = request.param("pipeline_id")
    if kind == "opportunity" and pipeline is None:
        raise invalid("pipeline_id is missing")
    if pipeline is not None and not (_digits(pipeline) and world.store.get("pipeline", int(pipeline))):
        raise invalid("pipeline_id is unknown")
    known = customs.definitions(world, kind).values()
    return Reply(200, [*map(_static, _STATIC[kind].split(", ")), *map(_custom, known)])


def _digits(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 18


def _static(line: str) -> Record:
    number, _, rest = line.partition(" ")
    label, _, key = rest.rpartition(" ")
    return _item(int(number), label, key, "static_field")


def _custom(definition: Record) -> Record:
    return _item(definition["id"], definition["name"], f"cf_{definition['id']}", "custom_field")


def _item(number: int, label: str, key: str, kind: str) -> Record:
    needed = key in _NEEDED
    return {
        "field_id": number,
        "field_label": label,
        "field_key": key,
        "field_type": kind,
        "enabled": True,
        "required": needed,
        "required_editable": needed,
    }


ROUTES = (
    Route(
        "GET",
        f"{PREFIX}/field_layouts/by_entity/{{entity:{'|'.join(_KINDS)}}}",
        "list_field_layout",
        knows(layout, "pipeline_id"),
        search=True,
    ),
)
