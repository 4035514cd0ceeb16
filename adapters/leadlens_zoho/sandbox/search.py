"""Search: ``GET /Leads/search`` by criteria, e-mail, phone or word (…/docs/api/v8/search-records.html).

Of several of these the first in that order counts. Texts are compared without case. Each criterion is
``(field:operator:value)``; ``and``, ``or`` and parentheses join them; a backslash keeps a comma or parenthesis.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, Final, TypeAlias

import attrs

from leadlens.emulation.messages import Refusal, Reply, Request
from leadlens.emulation.routing import Route
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_zoho.sandbox.asking import CRM, allow, choice, fields_asked
from leadlens_zoho.sandbox.dress import refused
from leadlens_zoho.sandbox.fields import Field
from leadlens_zoho.sandbox.lists import page
from leadlens_zoho.sandbox.making import fields_of
from leadlens_zoho.sandbox.records import SINGULAR
from leadlens_zoho.sandbox.shape import approved_fits, converted_fits, shown

Test: TypeAlias = Callable[[Record], bool]
_MOST: Final = 15


def search(world: World, request: Request, module: str) -> Reply:
    """Answer the records found, the newest first; 204 when there are none."""
    lead = ("converted",) if module == "Leads" else ()
    ways = ("criteria", "email", "phone", "word")
    allow(request, *ways, "approved", "fields", "page", "per_page", "type", "cvid", *lead)
    known = fields_of(world, module)
    names = fields_asked(request, known, required=False)
    asked = choice(request, "converted", ("true", "false", "both"), "false" if lead else "both")
    approved = choice(request, "approved", ("true", "false", "both"), "true")
    way = next((way for way in ways if request.param(way)), None)
    if way is None:
        message = "One of the expected parameter is missing"
        raise refused("REQUIRED_PARAM_MISSING", message, unclear="no criteria", param="criteria")
    test = _test(known, way, request.param(way) or "")
    every = (record for _, record in world.store.iterate(module, newest_first=True))
    records = (record for record in every if approved_fits(record, approved))
    found = [record for record in records if (not lead or converted_fits(record, asked)) and test(record)]
    data, info = page(world, request, found)
    if not data:
        return Reply(204)
    told = {key: info[key] for key in ("per_page", "count", "page", "more_records")}
    return Reply(200, {"data": [shown(module, record, names, known) for record in data], "info": told})


def _test(known: Mapping[str, Field], way: str, value: str) -> Test:
    if way == "criteria":
        return _Criteria(known, value).read()
    wanted = value.casefold()
    if way == "word":
        if len(value) < 2:
            raise refused("INVALID_QUERY", "a word has at least two letters", unclear="word", param_name="word")
        return lambda record: any(wanted in text for text in _texts(record))
    fields = [name for name, field in known.items() if field.kind == way]
    return lambda record: any(str(record.get(name) or "").casefold() == wanted for name in fields)


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value.casefold()] if isinstance(value, str) else []


_PIECE: Final = re.compile(r"\s*(?:(\()|(\))|(and|or)\b|([\w$]+):(\w+):((?:\\.|[^()\\])*))", re.IGNORECASE)


@attrs.define
class _Criteria:
    """Reads criteria from left to right; ``and`` binds closer than ``or``."""

    known: Mapping[str, Field]
    text: str
    at: int = 0
    count: int = 0

    def read(self) -> Test:
        """Return the test that the criteria make; raises INVALID_QUERY."""
        test = self._any()
        if self.text[self.at :].strip():
            raise self._wrong()
        return test

    def _any(self) -> Test:
        tests = [self._all()]
        while self._word("or"):
            tests.append(self._all())
        return tests[0] if len(tests) == 1 else lambda record: any(test(record) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._word("and"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda record: all(test(record) for test in tests)

    def _word(self, word: str) -> bool:
        found = _PIECE.match(self.text, self.at)
        if found is None or (found[3] or "").lower() != word:
            return False
        self.at = found.end()
        return True

    def _one(self) -> Test:
        found = _PIECE.match(self.text, self.at)
        if found is None or not (found[1] or found[4]):
            raise self._wrong()
        self.at = found.end()
        if found[4]:
            return self._compared(found[4], found[5].lower(), found[6])
        inner = self._any()
        closing = _PIECE.match(self.text, self.at)
        if closing is None or not closing[2]:
            raise self._wrong()
        self.at = closing.end()
        return inner

    def _compared(self, name: str, operator: str, value: str) -> Test:
        field, compare = self.known.get(name), _OPERATORS.get(operator)
        self.count += 1
        if (field is None and name != "id") or compare is None or self.count > _MOST:
            raise self._wrong()
        values = [re.sub(r"\\(.)", r"\1", part).strip() for part in re.split(r"(?<!\\),", value)]
        if operator not in {"in", "between"}:
            values = [re.sub(r"\\(.)", r"\1", value).strip()]
        if operator == "between" and len(values) != 2:
            raise self._wrong()
        empty = False if field is not None and field.kind == "boolean" else None
        return lambda record: any(compare(one, values) for one in _plain(record.get(name, empty)))

    def _wrong(self) -> Refusal:
        unclear = f"criteria at {self.at}: {self.text[self.at : self.at + 40]}"
        return refused("INVALID_QUERY", "invalid query formed", unclear=unclear, param_name="criteria")


def _plain(value: Any) -> list[Any]:
    """Return what a criterion compares: of a lookup its id and name, of a list each item; nothing of null."""
    if isinstance(value, dict):
        return [inner for key, inner in value.items() if key in {"id", "name"} and inner is not None]
    if isinstance(value, list):
        return [one for inner in value for one in _plain(inner)]
    return [] if value is None else [value]


def _same(one: Any, value: str) -> bool:
    if isinstance(one, bool):
        return value.lower() == str(one).lower()
    if isinstance(one, str):
        return one.casefold() == value.casefold()
    return _number(value) == Decimal(str(one))


def _number(value: str) -> Decimal | None:
    try:
        return Decimal(value)
    except InvalidOperation:
        return None


def _order(one: Any, value: str) -> int | None:
    """Return -1, 0 or 1 as a value is less, the same or more; None when they cannot be compared."""
    if isinstance(one, str):
        return (one > value) - (one < value)
    number = _number(value)
    if number is None or not number.is_finite() or isinstance(one, bool):
        return None
    mine = Decimal(str(one))
    return (mine > number) - (mine < number)


def _within(*signs: int) -> Callable[[Any, list[str]], bool]:
    return lambda one, values: _order(one, values[0]) in signs


_OPERATORS: Final[Mapping[str, Callable[[Any, list[str]], bool]]] = {
    "equals": lambda one, values: _same(one, values[0]),
    "not_equal": lambda one, values: not _same(one, values[0]),
    "starts_with": lambda one, values: str(one).casefold().startswith(values[0].casefold()),
    "contains": lambda one, values: values[0].casefold() in str(one).casefold(),
    "in": lambda one, values: any(_same(one, value) for value in values),
    "greater_than": _within(1),
    "greater_equal": _within(0, 1),
    "less_than": _within(-1),
    "less_equal": _within(-1, 0),
    "between": lambda one, values: _order(one, values[0]) in {0, 1} and _order(one, values[1]) in {-1, 0},
}

ROUTES = tuple(
    Route("GET", f"{CRM}/{module}/search", f"search_{name}s", partial(search, module=module), search=True)
    for module, name in SINGULAR.items()
)
