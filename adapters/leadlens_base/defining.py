"""The fields of a Base account: the CRM's own, which no call lists, and the account's custom fields.

Source: developer.zendesk.com/api-reference/sales-crm/resources/custom-fields. People and organizations share the
definitions of contacts; ``for_contact`` and ``for_company`` tell which has which. Records can be filtered by single
line texts, numbers, dropdowns and multi-selects (page requests), if their definition is filterable, which no reply
shows: ``searchable`` says that the type can be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from leadlens.builtin import built_in
from leadlens.catalogue import Definition, Option
from leadlens.errors import UsageError
from leadlens.flow import Flow
from leadlens_base.crosswalks import crosswalks
from leadlens_base.custom import TYPES
from leadlens_base.paging import items

_RESOURCES: Final[Mapping[str, str]] = {"lead": "lead", "contact": "contact", "company": "contact", "deal": "deal"}
_FLAGS: Final[Mapping[str, tuple[str, ...]]] = {
    "contact": ("for_contact",), "company": ("for_company", "for_organisation"),
}  # fmt: skip
"""What tells that a definition of contacts is there for people or for organizations; the last name is third-party."""
_FILTERED: Final = frozenset(("string", "number", "list", "multi_select_list"))


def definitions(kind: str) -> Flow[tuple[Definition, ...]]:
    """Return the fields of a kind of records."""
    if kind not in _RESOURCES:
        raise UsageError(f"there is no kind {kind!r}; there are {', '.join(_RESOURCES)}")
    path = f"/v2/{_RESOURCES[kind]}/custom_fields"
    own = yield from items("list_definitions", path, {}, lambda wire: _own(kind, wire))
    return (*built_in(kind, crosswalks()[kind]), *(one for one in own if one is not None))


def _own(kind: str, wire: Mapping[str, Any]) -> Definition | None:
    """Return a definition of the account's, or None for one that this kind of contacts does not have."""
    if any(wire.get(flag) is False for flag in _FLAGS.get(kind, ())):
        return None
    return Definition(
        kind=kind,
        id=str(wire["id"]),
        name=wire["name"],
        key=wire["name"],
        type=TYPES.get(wire["type"], "unknown"),
        wire_type=wire["type"],
        options=tuple(_option(choice) for choice in wire.get("choices") or ()),
        searchable=wire["type"] in _FILTERED,
    )


def _option(choice: Mapping[str, Any]) -> Option:
    identity = choice.get("id")
    return Option(name=choice["name"], id=None if identity is None else str(identity))
