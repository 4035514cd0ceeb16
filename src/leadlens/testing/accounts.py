"""Accounts with fields of their own, drawn at random; and mappings between them, as objects and as files."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from hypothesis import strategies as st

from leadlens.catalogue import Catalogue, Choice, Definition, FieldType, Option
from leadlens.customfields.mapping import AccountMapping, KindRules, Rule, Side, labelled_choices
from leadlens.customfields.pairs import FAMILY, fit
from leadlens.model import Ref


def definition(kind: str, name: str, sort: FieldType, **facts: Any) -> Definition:
    """Return a definition of an account's own; its key is its name unless told otherwise."""
    known = {"id": None, "key": name, "wire_type": sort}
    return Definition(kind=kind, name=name, type=sort, **(known | facts))


def options(*names: str, first: int | None = None) -> tuple[Option, ...]:
    """Return options of these names, with ids from ``first`` on where the CRM has ids."""
    return tuple(
        Option(name=name, id=None if first is None else str(first + place)) for place, name in enumerate(names)
    )


_TYPES: tuple[FieldType, ...] = (*FAMILY, *(("picklist", "multi_select") * 4))
_WORDS = (
    "Budget",
    "Größe",
    "class",
    "1st call",
    "a.b[0]",
    "Öffnung",
    "x",
    "X",
    'quoted "name"',
    "予算",
    "Est_Budget__c",
)
_PIPELINES = ("Sales", "Renewals", "A", "A: B", "Größe")
_STAGES = ("Won", "Lost", "C", "B: C")
_OPTIONS = ("Gold", "Silver", "gold", "a; b", "", "é", "1", "true")


@st.composite
def definitions(draw: st.DrawFn, kind: str, name: str, vendor: str) -> Definition:
    """Draw a definition of any type, as the CRM has them: Copper knows options by their ids."""
    sort = draw(st.sampled_from(_TYPES))
    known = draw(st.lists(st.sampled_from(_OPTIONS[:4] + _OPTIONS[5:]), min_size=1, max_size=4, unique=True))
    first = 500 if vendor == "copper" else draw(st.sampled_from([None, 500]))
    return definition(
        kind,
        name,
        sort,
        options=options(*known, first=first) if FAMILY[sort] in ("option", "options") else (),
        max_length=draw(st.sampled_from([None, 3, 255])) if FAMILY[sort] == "text" else None,
        decimals=draw(st.sampled_from([None, 0, 2])) if FAMILY[sort] == "number" else None,
    )


@st.composite
def pipelines(draw: st.DrawFn, vendor: str) -> tuple[Choice, ...]:
    """Draw pipelines with stages, as the CRM tells them: several have stages of one name, and Zoho has no ids."""
    found: list[Choice] = []
    for place, name in enumerate(draw(st.lists(st.sampled_from(_PIPELINES), min_size=1, max_size=3, unique=True)), 1):
        line = Ref(None if vendor == "zoho" else str(place), name)
        found.append(Choice("pipeline", line))
        stages = draw(st.lists(st.sampled_from(_STAGES), min_size=1, max_size=3, unique=vendor == "zoho"))
        for at, stage in enumerate(stages):
            found.append(Choice("stage", Ref(None if vendor == "zoho" else str(100 * place + at), stage), line))
    return tuple(found)


@st.composite
def _side(draw: st.DrawFn, vendor: str, account: str) -> Side:
    names = draw(st.lists(st.sampled_from(_WORDS), min_size=1, max_size=6, unique=True))
    made = {name: draw(definitions("lead", name, vendor)) for name in names}
    choices = labelled_choices(draw(pipelines(vendor)))
    return Side(vendor=vendor, account=account, definitions=_only_leads(made), choices=choices)


def _only_leads(made: dict[str, Definition]) -> dict[str, dict[str, Definition]]:
    return {"lead": made, "contact": {}, "company": {}, "deal": {}}


def _rule(label: str, verdict: Any, said: str, **facts: Any) -> Rule:
    return Rule(label=label, line=1, verdict=verdict, said=said, **facts)


@st.composite
def _option_rules(draw: st.DrawFn, source: Definition, target: Definition) -> tuple[Rule, ...]:
    names = [option.name for option in target.options]
    rules = []
    for option in source.options:
        to = draw(st.sampled_from([*names, None]))
        verdict, said = ("leave_out", "not sold any more") if to is None else ("to", to)
        rules.append(_rule(option.name, verdict, said, merge=True))
    return tuple(rules)


@st.composite
def _choice_rules(draw: st.DrawFn, source: Side, target: Side) -> dict[str, tuple[Rule, ...]]:
    """Draw what becomes of each pipeline and stage, whatever the two have to do with each other."""
    found = {}
    for space in ("pipeline", "stage"):
        goals = draw(st.lists(st.sampled_from([*target.choices[space], None]), min_size=20, max_size=20))
        found[space] = tuple(
            _rule(label, *(("leave_out", "not used") if to is None else ("to", to)), merge=True)
            for label, to in zip(source.choices[space], goals, strict=False)
        )
    return found


@st.composite
def mappings(draw: st.DrawFn, *, create: bool = True) -> AccountMapping:
    """Draw two accounts and a mapping that a person may have made: everything that fits may go anywhere."""
    vendors = st.sampled_from(["copper", "zoho", "base"])
    source, target = draw(vendors.flatmap(lambda v: _side(v, "old"))), draw(vendors.flatmap(lambda v: _side(v, "new")))
    free = dict(target.definitions["lead"])
    rules, said = [], {}
    for label, one in source.definitions["lead"].items():
        fitting = [name for name, other in free.items() if fit(one, other).fits]
        choice = draw(st.sampled_from([*fitting, *(["create"] if create else []), "leave_out"]))
        if choice in fitting:
            other = free.pop(choice)
            rules.append(_rule(label, "to", choice))
            if FAMILY[one.type] in ("option", "options") and FAMILY[other.type] in ("option", "options"):
                said[label] = draw(_option_rules(one, other))
        elif choice == "create" and FAMILY[one.type] not in ("any", "reference"):
            rules.append(_rule(label, "create", f"new {label}"))
        else:
            rules.append(_rule(label, "leave_out", "nobody uses it"))
    kinds = {kind: KindRules(kind=kind, line=1) for kind in ("contact", "company", "deal")}
    kinds["lead"] = KindRules(kind="lead", line=1, fields=tuple(rules), options=said)
    choices = draw(_choice_rules(source, target))
    return AccountMapping(file="mapping.toml", source=source, target=target, kinds=kinds, choices=choices)


@st.composite
def catalogues(draw: st.DrawFn, vendor: str) -> Catalogue:
    """Draw what an account has of its own: fields of leads of any type, and choices."""
    drawn = draw(_side(vendor, "drawn"))
    names = draw(st.lists(st.sampled_from(_OPTIONS[:4]), max_size=3, unique=True))
    users = [Choice("user", Ref(str(place), name)) for place, name in enumerate(names, 1)]
    return Catalogue(
        vendor=vendor,
        account=drawn.account,
        read_at=dt.datetime(2026, 1, 31, tzinfo=dt.UTC),
        definitions=tuple(drawn.definitions["lead"].values()),
        choices=(*users, *draw(pipelines(vendor))),
    )


# --- as a file -------------------------------------------------------------------------------------------------------


def mapping_files() -> st.SearchStrategy[str]:
    """Return the strategy of mapping files as text, each a mapping that a person may have decided."""
    return mappings(create=False).map(written)


def written(mapping: AccountMapping) -> str:
    """Return a mapping as the text of a file, with what is kept of both accounts."""
    lines: list[str] = []
    for name, side in _sides(mapping):
        lines += [f"[{name}]", f"vendor = {_text(side.vendor)}", f"account = {_text(side.account)}"]
    for kind, rules in mapping.kinds.items():
        lines += [f"[{kind}.fields]", *map(_rule_line, rules.fields)] if rules.fields else []
        for label, options in rules.options.items():
            lines += [f"[{kind}.options.{_text(label)}]", *map(_rule_line, options)]
    for space, said in mapping.choices.items():
        lines += [f"[choices.{space}]", *map(_rule_line, said)]
    for name, side in _sides(mapping):
        for space, choices in side.choices.items():
            lines += [f"[drafted.{name}.choices.{space}]"]
            lines += [f"{_text(label)} = {_kept_choice(choice)}" for label, choice in choices.items()]
        for kind, known in side.definitions.items():
            lines += [f"[drafted.{name}.{kind}]"] if known else []
            lines += [f"{_text(label)} = {_kept(definition)}" for label, definition in known.items()]
    return "\n".join([*lines, ""])


def _sides(mapping: AccountMapping) -> tuple[tuple[str, Side], ...]:
    return ("source", mapping.source), ("target", mapping.target)


def _rule_line(rule: Rule) -> str:
    merge = ", merge = true" if rule.merge else ""
    return f"{_text(rule.label)} = {{ {rule.verdict} = {_text(rule.said)}{merge} }}"


def _kept(definition: Definition) -> str:
    facts: dict[str, Any] = {"type": definition.type, "id": definition.id, "key": definition.key}
    facts |= {"max_length": definition.max_length, "decimals": definition.decimals}
    said = [f"{name} = {_toml(value)}" for name, value in facts.items() if value is not None]
    options = ", ".join(f"{_text(one.name)} = {_text(one.id or '')}" for one in definition.options)
    return f"{{ {', '.join([*said, *([f'options = {{ {options} }}'] if options else [])])} }}"


def _kept_choice(choice: Choice) -> str:
    within = "" if choice.within is None else f", within = {{ {_named(choice.within)} }}"
    return f"{{ {_named(choice.ref)}{within} }}"


def _named(ref: Ref) -> str:
    return f"id = {_text(ref.id or '')}, name = {_text(ref.name or '')}"


def _toml(value: Any) -> str:
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
