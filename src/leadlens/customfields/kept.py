"""What a mapping file keeps of the two accounts, below ``[drafted]``: definitions and choices as they were."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, get_args

from leadlens.catalogue import Choice, Definition, FieldType, Option
from leadlens.customfields.scope import has_attribute
from leadlens.model import Ref


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9


_FACTS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "id": _text, "name": _text, "key": _text, "wire_type": _text, "refers_to": _text, "attribute": _text,
    "type": lambda value: value in get_args(FieldType), "max_length": _count, "decimals": _count,
    "required": _flag, "unique": _flag, "read_only": _flag, "custom": _flag,
    "options": lambda value: isinstance(value, dict) and all(map(_text, value.values())),
}  # fmt: skip


def kept_definition(kind: str, label: str, data: Any) -> Definition | None:
    """Return a definition as it was; None for what no draft has written."""
    if not isinstance(data, dict) or not data.keys() <= _FACTS.keys() or "type" not in data:
        return None
    if not all(_FACTS[name](value) for name, value in data.items()):
        return None
    if "attribute" in data and not has_attribute(kind, data["attribute"]):
        return None
    facts: dict[str, Any] = {"id": None, "name": label, "wire_type": data["type"], "key": data.get("name", label)}
    facts |= {name: value for name, value in data.items() if name != "options"}
    options = (Option(name=name, id=identity or None) for name, identity in data.get("options", {}).items())
    return Definition(kind=kind, options=tuple(options), **facts)


def kept_choice(space: str, label: str, data: Any) -> Choice | None:
    """Return a choice as it was: its id, its name and what it is within; None for what no draft has written."""
    given = {"id": data} if isinstance(data, str) else data
    if not isinstance(given, dict) or not given.keys() <= {"id", "name", "within"}:
        return None
    within = given.get("within", {})
    if not isinstance(within, dict) or not within.keys() <= {"id", "name"}:
        return None
    if not all(_text(value) for named in (given, within) for key, value in named.items() if key != "within"):
        return None
    above = Ref(within.get("id") or None, within.get("name")) if within else None
    return Choice(space, Ref(given.get("id") or None, given.get("name", label)), above)
