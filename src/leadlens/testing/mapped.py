"""The law of a mapping file: from account to account every field arrives, or its loss stands at its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs

from leadlens import registry
from leadlens._compile import decode, encode
from leadlens.catalogue import Definition
from leadlens.codecs import Unfit, write_number
from leadlens.crosswalk import Field, members
from leadlens.customfields.carrying import KINDS, beyond, carry, definition_of
from leadlens.customfields.mapping import AccountMapping
from leadlens.customfields.pairs import FAMILY
from leadlens.customfields.rows import OwnFields, own_fields
from leadlens.customfields.values import codec_of
from leadlens.ids import carrier
from leadlens.loss import Loss, covers
from leadlens.model import Address, CustomField, Ref
from leadlens.testing.evidence import Evidence
from leadlens.testing.places import rows_of

MODELS = {kind: model for model, kind in KINDS.items() if model.__name__.lower() == kind}
_PLAIN = (str, int, bool, Decimal, dt.date, dt.datetime, Ref)


def no_silent_field(mapping: AccountMapping, kind: str, said: Any) -> Evidence:
    """Every own field that does not come back as it was has a loss at its place; nothing is made up.

    ``said`` is an object of the class of the source's own fields (``own_fields(mapping, kind).crosswalk.model``).
    """
    own, origin, goal = own_fields(mapping, kind), *map(registry.get, (mapping.source.vendor, mapping.target.vendor))
    record, places = held(own, kind, said)
    made = carry(mapping, record, codec_of(origin), codec_of(goal))
    encoded = encode(goal.crosswalk(kind), made.value, ids=beyond(mapping, carrier("keep")))
    losses = (*made.losses, *made.located(encoded.losses))
    back = read_back(own, mapping, decode(goal.crosswalk(kind), encoded.wire).value)
    wrong = [name for name in places if not _arrives(name, said, back, places[name], losses)]
    law, pair = "no silent loss of a field", f"{mapping.source.vendor} → {mapping.target.vendor}, {kind}"
    always = sum(label in mapping.target.definitions[kind] for label in mapping.kinds[kind].always)
    if not wrong and len(made.value.custom_fields) <= len(places) + always:
        return Evidence(law, pair, ok=True)
    told = ", ".join(f"{own.sources[name].name!r}" for name in wrong)
    wires = {
        "wire of the source": encode(origin.crosswalk(kind), record).wire, "wire of the target": encoded.wire,
        "read back": {own.sources[name].name: getattr(back, name, None) for name in wrong},
        "losses": tuple(map(str, losses)),
    }  # fmt: skip
    lines = tuple(line for name in wrong for line in lines_of(mapping, kind, own, name, said))
    return Evidence(
        law, pair, False, f"{told} came back as something else, and no loss says so", record, wires, (), lines
    )


def _arrives(name: str, said: Any, back: Any, place: str, losses: tuple[Loss, ...]) -> bool:
    reported = [loss.path for loss in losses if loss.kind == "differs"]
    return getattr(back, name, None) == getattr(said, name) or any(covers(path, place) for path in reported)


def held(own: OwnFields, kind: str, said: Any) -> tuple[Any, dict[str, str]]:
    """Return a record of the source's account that says the own fields, and where it says each."""
    model, fields, changes, places = MODELS[kind], list[CustomField](), dict[str, Any](), dict[str, str]()
    for name, definition in own.sources.items():
        value = getattr(said, name)
        if value is None:
            continue
        if definition.attribute is None:
            places[name] = f"custom_fields[{len(fields)}]"
            fields.append(CustomField(definition=named(definition), value=as_held(definition, value)))
        elif hasattr(model(), definition.attribute) and (kinds := members(model, definition.attribute))[0] in _PLAIN:
            places[name] = definition.attribute
            changes[definition.attribute] = Ref(None, value) if kinds[0] is Ref else value
    return model(custom_fields=tuple(fields), **changes), places


def named(definition: Definition) -> Ref:
    """Return how a record of the account names a field."""
    return Ref(definition.id) if definition.id is not None else Ref(None, definition.key)


def as_held(definition: Definition, value: Any) -> Any:
    """Return a value of the rows as a program gives it in a record: options as references."""
    if FAMILY[definition.type] == "option":
        return Ref(None, value)
    return tuple(Ref(None, one) for one in value) if FAMILY[definition.type] == "options" else value


def read_back(own: OwnFields, mapping: AccountMapping, record: Any) -> Any:
    """Return what a record of the target says of the source's fields, read by the vendor's codecs and the rows."""
    codecs, wire = codec_of(registry.get(mapping.target.vendor)), dict[str, Any]()
    there = {key: definition for key, definition in own.targets.items() if definition.attribute is None}
    for item in record.custom_fields:
        found = definition_of(there, item.definition)
        if found is not None:
            key = next(key for key, one in there.items() if one is found)
            raw = list(item.value) if isinstance(item.value, tuple) else item.value
            wire[key] = _plain(found, codecs(found).decode(raw))
    for key, definition in own.targets.items():
        value = getattr(record, definition.attribute, None) if definition.attribute is not None else None
        if value is not None:
            wire[key] = value.name if isinstance(value, Ref) else _plain(definition, value)
    fed = {row.wire[0] for row in own.crosswalk.rows if isinstance(row, Field)}
    try:
        return decode(own.crosswalk, {key: value for key, value in wire.items() if key in fed}).value
    except Unfit:
        return None


def _plain(definition: Definition, value: Any) -> Any:
    family = FAMILY[definition.type]
    if family == "option":
        return value.name if isinstance(value, Ref) else value
    if family == "options":
        return [one.name if isinstance(one, Ref) else one for one in value]
    if isinstance(value, Address):
        return {name: part for name, part in attrs.asdict(value).items() if part is not None}
    if family in ("date", "datetime"):
        return value.isoformat()
    return write_number(value) if isinstance(value, Decimal) else value


# --- where it stands in the file -------------------------------------------------------------------------------------


def lines_of(mapping: AccountMapping, kind: str, own: OwnFields, name: str, said: Any) -> Iterator[str]:
    """Yield the lines of the file that decide about a field, and about the options that it has here."""
    rules, source = mapping.kinds[kind], own.sources[name]
    labels = {label for label, one in mapping.source.definitions[kind].items() if one is source}
    value = getattr(said, name, None)
    options = value if isinstance(value, tuple) else (value,)
    for rule in rules.fields:
        if rule.label in labels:
            yield f'{mapping.file}:{rule.line}: "{rule.label}" = {rule.verdict} "{rule.said}"'
    for label in labels:
        for rule in rules.options.get(label, ()):
            if rule.label in options:
                yield f'{mapping.file}:{rule.line}: option "{rule.label}" = {rule.verdict} "{rule.said}"'


def placed(mapping: AccountMapping, kind: str, evidence: Evidence) -> Evidence:
    """Return the evidence of a law about a mapping's rows with the lines of its file in place of the rows."""
    if not evidence.suspects:
        return evidence
    own = own_fields(mapping, kind)
    found = (row.row for crosswalk, path in evidence.suspects for row in rows_of(crosswalk, path))
    names = dict.fromkeys(row.neutral[0] for row in found if isinstance(row, Field) and row.neutral[0] in own.sources)
    lines = tuple(line for name in names for line in lines_of(mapping, kind, own, name, evidence.record))
    return attrs.evolve(evidence, suspects=(), places=lines)
