"""What differs between a record of the source and the one of the target, found without asking the mapping.

Both are neutral. What the source says has to be there; what only the target says is told apart: it was added.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import attrs

from leadlens.loss import Loss
from leadlens.model import JSON, PersonName, Ref, is_given

BY_THE_CRM = frozenset(("id", "converted_to", "converted_from"))
"""What is compared as a relationship, or is another one's by its nature."""
_SPACES = {
    "created_by": "user",
    "modified_by": "user",
    "owner": "user",
    "reports_to": "contact",
    "primary_contact": "contact",
    "parent": "company",
}
Ids = Callable[[str, Ref], Ref | None]
_STEP = re.compile(r"[.\[]")


def differences(source: Any, target: Any, ids: Mapping[str, Any], prefix: str) -> list[str]:
    """Return the paths at which a record of the target does not say what the source's does."""
    found: list[str] = []
    for attribute in attrs.fields(source.__class__):
        name = attribute.name
        if name in BY_THE_CRM or not _says(getattr(source, name)):
            continue
        found += _differ(getattr(source, name), getattr(target, name), f"{prefix}.{name}", name, ids)
    return found


def additions(source: Any, target: Any, prefix: str) -> list[str]:
    """Return the paths of what only the target says."""
    names = (attribute.name for attribute in attrs.fields(source.__class__))
    return [
        f"{prefix}.{name}"
        for name in names
        if name not in BY_THE_CRM and not _says(getattr(source, name)) and _says(getattr(target, name))
    ]


def undeclared(paths: list[str], losses: tuple[Loss, ...]) -> list[str]:
    """Return the paths that no declared loss covers."""
    declared = {loss.path for loss in losses}
    return [path for path in paths if declared.isdisjoint(_holders(path))]


def _holders(path: str) -> Iterator[str]:
    """Yield a path and all that hold it: ``deal.value.currency``, ``deal.value``, ``deal``."""
    yield path
    yield from (path[: found.start()] for found in _STEP.finditer(path))


def says(there: JSON, wanted: JSON) -> bool:
    """Tell whether one JSON value says all that another does: each key of it, and lists whole, in any order."""
    if isinstance(wanted, dict):
        return isinstance(there, dict) and all(key in there and says(there[key], one) for key, one in wanted.items())
    if isinstance(wanted, list):
        if not isinstance(there, list) or len(there) != len(wanted):
            return False
        return all(any(says(other, one) for other in there) for one in wanted)
    return there.__class__ is wanted.__class__ and bool(there == wanted)


def _says(value: Any) -> bool:
    """Tell whether a value says anything; an empty text does not."""
    return is_given(value) and value != ""


def _differ(left: Any, right: Any, path: str, name: str, ids: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(left, Ref):
        if not _same_ref(left, right, name, ids):
            yield path
    elif isinstance(left, PersonName) and isinstance(right, PersonName) and left.display == right.display:
        yield from _differ_in_parts(left, right, path)
    elif isinstance(left, tuple):
        yield from _differ_in_items(left, right if isinstance(right, tuple) else (), path, name, ids)
    elif left.__class__ is right.__class__ and attrs.has(left.__class__):
        for attribute in attrs.fields(left.__class__):
            one, other = getattr(left, attribute.name), getattr(right, attribute.name)
            if _says(one):
                yield from _differ(one, other, f"{path}.{attribute.name}", attribute.name, ids)
    elif not _same(left, right):
        yield path


def _differ_in_parts(left: PersonName, right: PersonName, path: str) -> Iterator[str]:
    """Compare two names that are written alike: they may be split otherwise, or go with another form of address."""
    if _says(left.prefix) and left.prefix != right.prefix:
        yield f"{path}.prefix"
    if any(_says(one) and one != other for one, other in zip(_split(left), _split(right), strict=True)):
        yield f"{path}.parts"


def _split(name: PersonName) -> tuple[str | None, ...]:
    return name.first, name.middle, name.last, name.suffix


def _differ_in_items(
    left: tuple[Any, ...], right: tuple[Any, ...], path: str, name: str, ids: Mapping[str, Any]
) -> Iterator[str]:
    """Pair each item with the one of the other side that is nearest to it; one without a partner is missing."""
    free = list(right)
    if all(item.__class__ is str for item in left):
        for at, item in enumerate(left):
            if item in free:
                free.remove(item)
            else:
                yield f"{path}[{at}]"
        return
    pairs: dict[int, list[str]] = {}
    for exact in (True, False):
        for at, item in enumerate(left):
            if at in pairs or not free:
                continue
            ways = [list(_differ(item, other, f"{path}[{at}]", name, ids)) for other in free]
            best = min(range(len(ways)), key=lambda place: len(ways[place]))
            if not ways[best] or not exact:
                pairs[at] = ways[best]
                del free[best]
    for at in range(len(left)):
        yield from pairs.get(at, [f"{path}[{at}]"])


def _same_ref(left: Ref, right: Any, name: str, ids: Mapping[str, Any]) -> bool:
    if not isinstance(right, Ref):
        return False
    entries = ids.get(_SPACES.get(name, name), {})
    if entries is None:  # a mapping file has made it the target's
        return left == right or (left.name is not None and left.name == right.name)
    entry = next((entries[key] for key in (left.id, left.name) if key is not None and key in entries), None)
    if entry is None:
        return left.id is None and right.id is None and left.name == right.name
    wanted = Ref(entry.get("id"), entry.get("name")) if isinstance(entry, Mapping) else Ref(str(entry))
    if wanted.id is not None and right.id is not None:
        return wanted.id == right.id
    return wanted.name == right.name


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float | Decimal) and isinstance(right, int | float | Decimal):
        return bool(left == right)
    return left.__class__ is right.__class__ and bool(left == right)
