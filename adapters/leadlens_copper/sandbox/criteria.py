"""One criterion of a search at a time: what it takes, and which records it lets through.

Sources: the search page of each kind, and custom-fields/general/search-entity-leads-people-etc-by-custom-field.html.
``-2`` in a list of ids stands for none; ``allow_empty`` lets through what has nothing in the field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from leadlens.emulation.checking import Check, flag, integer, many, maybe, number, text
from leadlens.emulation.store import Record
from leadlens.emulation.vendor import World
from leadlens_copper.sandbox import customs, days, shapes
from leadlens_copper.sandbox.dress import invalid
from leadlens_copper.sandbox.fields import OUTCOMES, PRIORITIES, PROGRESS
from leadlens_copper.sandbox.records import emails

Test: TypeAlias = Callable[[Record], bool]
Criterion: TypeAlias = "tuple[Check, Callable[[World, Any], Test]]"
"""What a criterion's value must be, and the test that it makes."""

NONE: Final = -2
_OPTION: Final = shapes.one_of("ANY", "ALL", "NONE")
_IDS: Final = many(shapes.ident)
_IDS_OR_NONE: Final = many(lambda value: shapes.ident(value) or value == NONE)
_TEXT: Final = shapes.either(text, shapes.closed({"allow_empty": flag, "value": maybe(text)}))
_TAGS: Final = shapes.either(
    shapes.TEXTS, shapes.closed({"option": _OPTION, "value": shapes.TEXTS, "allow_empty": flag})
)
_COMPANIES: Final = shapes.either(_IDS_OR_NONE, shapes.closed({"allow_empty": flag, "value": _IDS}))
_CUSTOM: Final[Mapping[str, Check]] = {
    "custom_field_definition_id": shapes.ident,
    "value": shapes.either(number, flag, many(integer)),
    "minimum_value": number,
    "maximum_value": number,
    "allow_empty": flag,
    "option": _OPTION,
}


def ids(key: str) -> Criterion:
    """Let through one of several ids, or -2 for none."""
    return _IDS_OR_NONE, lambda world, wanted: lambda record: (record.get(key) or NONE) in wanted


def companies(key: str) -> Criterion:
    """Let through one of several ids, with ``allow_empty`` also none."""

    def test(world: World, wanted: Any) -> Test:
        found = wanted if isinstance(wanted, list) else wanted.get("value", [])
        empty = isinstance(wanted, dict) and wanted.get("allow_empty", False)
        return lambda record: (record.get(key) or NONE) in found or (empty and not record.get(key))

    return _COMPANIES, test


def coded(key: str, words: tuple[str, ...]) -> Criterion:
    """Let through one of several words by their numbers, counted from 0."""
    wanted_words: Callable[[list[int]], list[str]] = lambda codes: [words[code] for code in codes]  # noqa: E731  # a name for the cast
    return many(shapes.between(0, len(words) - 1)), lambda world, codes: _among(key, wanted_words(codes))


def words(key: str, options: tuple[str, ...]) -> Criterion:
    """Let through one of several words."""
    return many(shapes.one_of(*options)), lambda world, wanted: _among(key, wanted)


def _among(key: str, wanted: list[str]) -> Test:
    return lambda record: (record.get(key) or "None") in wanted


def place(part: str) -> Criterion:
    """Let through a part of the address, without regard to case [?]."""

    def test(world: World, wanted: Any) -> Test:
        text_ = wanted.get("value") if isinstance(wanted, dict) else wanted
        empty = isinstance(wanted, dict) and wanted.get("allow_empty", False)
        return lambda record: _part(record, part) == (text_ or "").casefold() or (empty and not _part(record, part))

    return _TEXT, test


def _part(record: Record, part: str) -> str:
    return ((record.get("address") or {}).get(part) or "").casefold()


def bound(key: str, *, least: bool) -> Criterion:
    """Let through a number or time that is at least, or at most, so much."""

    def test(world: World, wanted: Any) -> Test:
        def through(record: Record) -> bool:
            value = record.get(key)
            return value is not None and (value >= wanted if least else value <= wanted)

        return through

    return number, test


def close(*, least: bool) -> Criterion:
    """Let through an expected day, compared as Unix seconds."""

    def test(world: World, wanted: Any) -> Test:
        def through(record: Record) -> bool:
            if record["close_date"] is None:
                return False
            at = days.unix_day(world, record["close_date"])
            return bool(at >= wanted if least else at <= wanted)

        return through

    return integer, test


def bounds(name: str, key: str) -> dict[str, Criterion]:
    """Return the two criteria ``minimum_NAME`` and ``maximum_NAME``."""
    return {f"minimum_{name}": bound(key, least=True), f"maximum_{name}": bound(key, least=False)}


def _name(world: World, wanted: str) -> Test:
    if world.switches["name_search"] == "exact":
        return lambda record: record["name"].casefold() == wanted.casefold()
    asked = _words(wanted)
    return lambda record: any(a.startswith(b) or b.startswith(a) for a in _words(record["name"]) for b in asked)


def _words(name: str) -> list[str]:
    return "".join(char if char.isalnum() else " " for char in name.casefold()).split()


def _phone(world: World, wanted: str) -> Test:
    """Compare digits only [?]."""
    return lambda record: _digits(wanted) in {_digits(phone["number"]) for phone in record["phone_numbers"]}


def _digits(phone: str) -> str:
    return "".join(filter(str.isdigit, phone))


def _emails(world: World, wanted: str | list[str]) -> Test:
    asked = {email.casefold() for email in ([wanted] if isinstance(wanted, str) else wanted)}
    return lambda record: not asked.isdisjoint(emails(record))


def _domains(world: World, wanted: str | list[str]) -> Test:
    asked = {domain.casefold() for domain in ([wanted] if isinstance(wanted, str) else wanted)}
    return lambda record: (record["email_domain"] or "").casefold() in asked


def _socials(world: World, wanted: list[str]) -> Test:
    return lambda record: any(social["url"] in wanted for social in record["socials"])


def _tags(world: World, wanted: Any) -> Test:
    asked = {"value": wanted} if isinstance(wanted, list) else wanted
    return lambda record: _several(record["tags"], asked)


def _several(has: Iterable[Any], asked: Mapping[str, Any]) -> bool:
    own, wanted = set(has), set(asked.get("value", ()))
    if not own:
        return bool(asked.get("allow_empty")) or ("value" in asked and asked.get("option") == "NONE")
    if "value" not in asked:
        return not asked.get("allow_empty")
    option = asked.get("option", "ANY")
    return own >= wanted if option == "ALL" else own.isdisjoint(wanted) is (option == "NONE")


def _age(world: World, wanted: int) -> Test:
    return lambda record: bool(world.now - record["date_created"] <= wanted)


def _followed(world: World, wanted: int) -> Test:
    return lambda record: bool(record.get("_followed")) is (wanted == 1)


def _their_opportunities(world: World, wanted: list[int]) -> Test:
    deals = [found for number_ in wanted if (found := world.store.get("opportunity", number_))]
    contacts = {deal["primary_contact_id"] for deal in deals}
    return lambda record: record["id"] in contacts


def related(kind: str) -> Criterion:
    """Let through what belongs to one of several records of a kind, or -2 for to none of that kind."""

    def through(record: Record, wanted: list[int]) -> bool:
        of = record.get("related_resource") or {}
        return (of.get("id") if of.get("type") == kind else NONE) in wanted

    return _IDS_OR_NONE, lambda world, wanted: lambda record: through(record, wanted)


def customs_of(kind: str) -> Criterion:
    """Let through values of custom fields; all that are asked for must fit. Text fields cannot be searched."""

    def test(world: World, wanted: list[Any]) -> Test:
        known = customs.definitions(world, kind)
        tests = [_custom(known, asked) for asked in wanted]
        return lambda record: all(through(record) for through in tests)

    return many(shapes.closed(_CUSTOM, ("custom_field_definition_id",))), test


def _custom(known: Mapping[int, Record], asked: Record) -> Test:
    definition = known.get(asked["custom_field_definition_id"])
    if definition is None:
        raise invalid(f"custom_field_definition_id {asked['custom_field_definition_id']}")
    if definition["data_type"] not in customs.SEARCHED:
        raise invalid(f"custom field {definition['name']} cannot be searched")
    return lambda record: _fits(definition["data_type"], customs.values(record).get(definition["id"]), asked)


def _fits(kind: str, value: Any, asked: Record) -> bool:
    wanted = asked.get("value")
    if kind == "MultiSelect":
        return _several(value or (), asked)
    if value is None:
        return bool(asked.get("allow_empty"))
    if kind == "Dropdown":
        return value in (wanted if isinstance(wanted, list) else [wanted])
    if wanted is not None and (value != wanted or isinstance(value, bool) is not isinstance(wanted, bool)):
        return False
    low, high = asked.get("minimum_value"), asked.get("maximum_value")
    return (low is None or value >= low) and (high is None or value <= high)


_SAID: Final = shapes.either(text, shapes.TEXTS)
_PEOPLE_LIKE: Final[Mapping[str, Criterion]] = {
    "phone_number": (text, _phone),
    "city": place("city"),
    "state": place("state"),
    "postal_code": place("postal_code"),
    "country": (text, place("country")[1]),
    "socials": (shapes.TEXTS, _socials),
    "age": (integer, _age),
    **bounds("interaction_count", "interaction_count"),
    **bounds("interaction_date", "_interacted"),
}
_ALL: Final[Mapping[str, Criterion]] = {
    "ids": (_IDS, lambda world, wanted: lambda record: record["id"] in wanted),
    "name": (text, _name),
    "assignee_ids": ids("assignee_id"),
    "tags": (_TAGS, _tags),
    "followed": (shapes.between(1, 2), _followed),
    **bounds("created_date", "date_created"),
}
_MODIFIED: Final = bounds("modified_date", "date_modified")

CRITERIA: Final[Mapping[str, Mapping[str, Criterion]]] = {
    "lead": {
        **_ALL,
        **_PEOPLE_LIKE,
        **_MODIFIED,
        "emails": (_SAID, _emails),
        "status_ids": (_IDS, ids("status_id")[1]),
        "customer_source_ids": ids("customer_source_id"),
        **bounds("monetary_value", "monetary_value"),
        **bounds("status_change_date", "_status_changed"),
        "custom_fields": customs_of("lead"),
    },
    "person": {
        **_ALL,
        **_PEOPLE_LIKE,
        "emails": (shapes.TEXTS, _emails),
        "contact_type_ids": (_IDS, ids("contact_type_id")[1]),
        "company_ids": ids("company_id"),
        "company_id": (shapes.ident, lambda world, wanted: lambda record: record["company_id"] == wanted),
        "opportunity_ids": (_IDS, _their_opportunities),
        "custom_fields": customs_of("person"),
    },
    "company": {
        **_ALL,
        **_PEOPLE_LIKE,
        "email_domains": (_SAID, _domains),
        "contact_type_ids": (_IDS, ids("contact_type_id")[1]),
        "custom_fields": customs_of("company"),
    },
    "opportunity": {
        **_ALL,
        **_MODIFIED,
        "status_ids": coded("status", OUTCOMES),
        "statuses": words("status", OUTCOMES),
        "pipeline_ids": (_IDS, ids("pipeline_id")[1]),
        "pipeline_stage_ids": (_IDS, ids("pipeline_stage_id")[1]),
        "primary_contact_ids": (_IDS, ids("primary_contact_id")[1]),
        "priority_ids": coded("priority", PRIORITIES),
        "priorities": words("priority", PRIORITIES),
        "customer_source_ids": ids("customer_source_id"),
        "loss_reason_ids": ids("loss_reason_id"),
        "company_ids": companies("company_id"),
        **bounds("monetary_value", "monetary_value"),
        **bounds("interaction_count", "interaction_count"),
        **bounds("interaction_date", "_interacted"),
        **bounds("stage_change_date", "date_stage_changed"),
        "minimum_close_date": close(least=True),
        "maximum_close_date": close(least=False),
        "custom_fields": customs_of("opportunity"),
    },
    "project": {
        **_ALL,
        **_MODIFIED,
        "status_ids": coded("status", PROGRESS),
        "statuses": words("status", PROGRESS),
        "custom_fields": customs_of("project"),
    },
    "task": {
        **_ALL,
        **_MODIFIED,
        "opportunity_ids": related("opportunity"),
        "project_ids": related("project"),
        "statuses": words("status", PROGRESS),
        **bounds("due_date", "due_date"),
        "custom_fields": customs_of("task"),
    },
}
"""What each search takes; the numbers of priorities and of a project's statuses are not recorded [?]."""
