"""Compiles a mapping into rows: per kind of record one crosswalk, the source's own fields ↔ the target's.

The neutral side is a class made of the source's definitions, one attribute each, the wire an object of the target's
values as plain JSON. So a mapping is read by every interpreter of rows, and what checks a crosswalk checks a mapping:
a source field of which nothing is said, or a target field that two feed, is an error when it is declared.
"""

from __future__ import annotations

import datetime as dt
import functools
import keyword
import re
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from leadlens.catalogue import Definition, Option
from leadlens.crosswalk import Crosswalk, Row, absent, constant, field
from leadlens.customfields.mapping import AccountMapping, KindRules, Rule
from leadlens.customfields.pairs import FAMILY, PYTHON, LeftOut, Options, on_purpose, pair

NOT_SAID = "nobody has decided about this field; draft the mapping again and say where it goes"


@attrs.frozen(eq=False)
class OwnFields:
    """The compiled fields of one kind.

    ``sources`` are the source's definitions by attribute of the crosswalk's class, ``targets`` the target's by wire
    key, ``labels`` what the file calls those. ``on_purpose`` names the attributes that are left out on purpose.
    """

    crosswalk: Crosswalk
    sources: Mapping[str, Definition]
    targets: Mapping[str, Definition]
    labels: Mapping[str, str]
    on_purpose: frozenset[str]


@functools.cache
def own_fields(mapping: AccountMapping, kind: str) -> OwnFields:
    """Return the rows of one kind of record, for a mapping that was checked."""
    rules = mapping.kinds[kind]
    there, here = mapping.source.definitions[kind], mapping.target.definitions[kind]
    made = created(mapping, kind)
    labels = [rule.label for rule in rules.fields if rule.label in there]
    attributes = dict(zip(labels, slugs(labels), strict=True))
    targets = {**here, **made}
    keys = dict(zip(targets, slugs(targets), strict=True))
    rows: list[Row] = [
        _row(rule, rules, there, targets, attributes, keys) for rule in rules.fields if rule.label in there
    ]
    fed = {rule.said for rule in rules.fields if rule.verdict in ("to", "create")}
    always = {label: value for label, (value, _) in rules.always.items() if label in targets and label not in fed}
    rows += [constant(None, keys[label], _plain(value)) for label, value in always.items()]
    return OwnFields(
        crosswalk=Crosswalk(_model(kind, attributes, there), f"mapping.{kind}", *rows),
        sources={attributes[label]: there[label] for label in labels},
        targets={keys[label]: definition for label, definition in targets.items()},
        labels={key: label for label, key in keys.items()},
        on_purpose=frozenset(
            attributes[r.label] for r in rules.fields if r.verdict == "leave_out" and r.label in there
        ),
    )


def _plain(value: Any) -> Any:
    """Return a value that a person wrote into the file as JSON; a time without a zone is one in UTC."""
    if isinstance(value, dt.datetime):
        return (value if value.tzinfo is not None else value.replace(tzinfo=dt.UTC)).isoformat()
    return value.isoformat() if isinstance(value, dt.date) else value


def created(mapping: AccountMapping, kind: str) -> dict[str, Definition]:
    """Return the definitions that the mapping wants made in the target, by name: like the source's but for ids."""
    there = mapping.source.definitions[kind]
    wanted = (rule for rule in mapping.kinds[kind].fields if rule.verdict == "create" and rule.label in there)
    options = mapping.kinds[kind].options
    return {rule.said: _like(there[rule.label], rule.said, options.get(rule.label, ())) for rule in wanted}


def _like(source: Definition, name: str, rules: Iterable[Rule]) -> Definition:
    """Return a field like the source's, with the options that its own lead to: what is left out is not made."""
    said = _options(rules, source, create=True)
    there = [said[option.name] for option in source.options if option.active]
    return Definition(
        kind=source.kind,
        id=None,
        name=name,
        key=name,
        type=source.type,
        wire_type="",
        options=tuple(Option(name=one) for one in dict.fromkeys(there) if isinstance(one, str)),
        decimals=source.decimals,
    )


def _row(
    rule: Rule, rules: KindRules, there: Mapping[str, Definition], here: Mapping[str, Definition],
    attributes: Mapping[str, str], keys: Mapping[str, str],
) -> Row:  # fmt: skip
    attribute = attributes[rule.label]
    if rule.verdict == "leave_out":
        return absent(attribute, on_purpose(rule.said), level="note")
    if rule.verdict == "undecided":
        return absent(attribute, NOT_SAID)
    target = here[rule.said]
    options = _options(rules.options.get(rule.label, ()), there[rule.label], create=rule.verdict == "create")
    required = f"the target needs {target.name}" if target.required else None
    return field(attribute, keys[rule.said], pair(there[rule.label], target, options), required=required)


def _options(rules: Iterable[Rule], source: Definition, *, create: bool) -> Options:
    said: dict[str, str | LeftOut] = {option.name: option.name for option in source.options} if create else {}
    for rule in rules:
        if rule.verdict == "leave_out":
            said[rule.label] = LeftOut(rule.said)
        elif rule.verdict != "undecided":
            said[rule.label] = rule.said
    return said


def slugs(labels: Iterable[str]) -> list[str]:
    """Return a plain word for each label, all different: it stands in generated code and in paths."""
    made: list[str] = []
    for label in labels:
        word = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_") or "field"
        word = f"f_{word}" if word[0].isdigit() or keyword.iskeyword(word) else word
        number = next(n for n in range(len(made) + 2) if (f"{word}_{n}" if n else word) not in made)
        made.append(f"{word}_{number}" if number else word)
    return made


def _model(kind: str, attributes: Mapping[str, str], there: Mapping[str, Definition]) -> type:
    """Return the class of the source's own fields of one kind; nothing of it is in its repr."""
    made: dict[str, Any] = {
        name: attrs.field(default=None, type=PYTHON[FAMILY[there[label].type]] | None)
        for label, name in attributes.items()
    }
    return attrs.make_class(
        f"Own{kind.capitalize()}", made, frozen=True, slots=True, kw_only=True, weakref_slot=False, repr=False
    )
