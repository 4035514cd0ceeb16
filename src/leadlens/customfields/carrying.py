"""Carries neutral objects from one account to another as a mapping says, between decoding and encoding.

Own fields go through the mapping's rows; owners, stages, statuses and other choices become the target's. What has no
place there is taken out, each with its loss: on purpose, or because nobody has thought of it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from leadlens._compile import encode
from leadlens._runtime import Carry
from leadlens.catalogue import Choice, Definition
from leadlens.codecs import Unfit
from leadlens.conversion import ConvertRequest, MatchKey, NewDeal, UpsertRequest
from leadlens.crosswalk import Field
from leadlens.customfields.changes import Used
from leadlens.customfields.mapping import RECORD_KINDS, SPACE, AccountMapping, is_same, space_of
from leadlens.customfields.pairs import SOME_LEFT_OUT, SOME_MERGED, on_purpose
from leadlens.customfields.rows import OwnFields, own_fields
from leadlens.customfields.scope import is_closed
from leadlens.customfields.values import CodecOf, attribute_value, read_attribute, read_value, write_value
from leadlens.loss import Loss, Reason, covers
from leadlens.model import Company, Contact, CustomField, Deal, Lead, Ref, is_given

KINDS: Final[Mapping[type, str]] = {
    Lead: "lead", Contact: "contact", Company: "company", Deal: "deal", NewDeal: "deal",
}  # fmt: skip
_MEANT: Final[Mapping[str, Reason]] = {SOME_LEFT_OUT: "left_out", SOME_MERGED: "narrowed"}
"""What the rows report as another form of the same, and is what a person decided."""
_SENDS = (Lead, Contact, Company, Deal, ConvertRequest, UpsertRequest)


@attrs.frozen
class Carried:
    """A neutral object in the target's terms, what was lost, and where each of its parts stood before.

    ``along`` are the paths of what goes with something else, and whether the original said it too: where the target has
    no place of its own for it, nothing is lost.
    """

    value: Any
    losses: tuple[Loss, ...]
    places: Mapping[str, str] = attrs.field(factory=dict)
    used: Used = Used()
    along: Mapping[str, bool] = attrs.field(factory=dict)

    def told(self, losses: tuple[Loss, ...]) -> tuple[Loss, ...]:
        """Return all losses, with those of writing the carried object."""
        return (*self.losses, *self.located(losses))

    def located(self, losses: tuple[Loss, ...]) -> tuple[Loss, ...]:
        """Return the losses of writing the carried object, with the paths that they have in the original."""
        told = (self._weighed(loss) for loss in losses if self.along.get(loss.path, True))
        return tuple(attrs.evolve(loss, path=self._before(loss.path)) for loss in told)

    def _weighed(self, loss: Loss) -> Loss:
        return attrs.evolve(loss, level="note") if loss.reason == "absent" and loss.path in self.along else loss

    def _before(self, path: str) -> str:
        for now, then in self.places.items():
            if covers(now, path):
                return then + (path.removeprefix(now) if then.endswith("]") and now.endswith("]") else "")
        return path


def carry(mapping: AccountMapping, value: Any, reads: CodecOf, writes: CodecOf) -> Carried:
    """Return a record, request, conversion or result of the source's account as it is in the target's.

    ``reads`` and ``writes`` give the codecs of the source's and of the target's custom values.
    """
    work = _Carrying(mapping, reads, writes, needs=isinstance(value, _SENDS))
    made = work.object(value, "")
    used = Used(frozenset(work.fields), frozenset(work.choices))
    return Carried(made, tuple(work.losses), work.places, used, work.along)


def beyond(mapping: AccountMapping, base: Carry | None) -> Carry | None:
    """Return how ids are carried after :func:`carry`: what the mapping knows is the target's by now."""
    if base is None:
        return None
    known = governed(mapping)
    return lambda space, value: value if space in known else base(space, value)


@functools.cache
def governed(mapping: AccountMapping) -> frozenset[str]:
    """Return the spaces of ids that a mapping decides about: own fields, its choices, and attributes that it fills."""
    lists = {space for space in SPACE.values() for said in mapping.choices if said in (space, *_of_kinds(space))}
    filled = {
        name
        for kind in mapping.kinds
        for name in (definition.attribute for definition in own_fields(mapping, kind).targets.values())
        if name is not None and name in SPACE and not is_closed(kind, name)
    }
    stages = mapping.target.choices.get("stage", {}).values() if "stage" in mapping.choices else ()
    with_stages = {"pipeline" for stage in stages if stage.within is not None}
    return frozenset(("definition", *lists, *with_stages, *(SPACE[name] for name in filled)))


def _of_kinds(space: str) -> tuple[str, ...]:
    return tuple(f"{kind}_{space}" for kind in RECORD_KINDS)


class _Carrying:
    """Carries one object, and collects what is lost on the way."""

    def __init__(self, mapping: AccountMapping, reads: CodecOf, writes: CodecOf, *, needs: bool) -> None:
        self.mapping, self.needs = mapping, needs
        self.reads, self.writes = reads, writes
        self.losses: list[Loss] = []
        self.places: dict[str, str] = {}
        self.fields: set[tuple[str, str]] = set()
        self.choices: set[tuple[str, str]] = set()
        self.along: dict[str, bool] = {}

    def lose(self, path: str, reason: Any, detail: str, level: Any = "loss") -> None:
        """Report one loss."""
        self.losses.append(Loss(path, reason, detail, level))

    def object(self, value: Any, path: str) -> Any:
        """Return one object of the model with everything below it carried."""
        changes: dict[str, Any] = {}
        kind = KINDS.get(value.__class__)
        if kind is not None:
            value = self.own(value, own_fields(self.mapping, kind), path)
        placed = self.placed(value, path) if kind == "deal" else {}
        for attribute in attrs.fields(value.__class__):
            if attribute.name in placed:
                continue
            said, at = getattr(value, attribute.name), f"{path}.{attribute.name}" if path else attribute.name
            made = said if attribute.name == "custom_fields" else self.part(kind, attribute.name, said, at)
            if made is not said:
                changes[attribute.name] = made
        if value.__class__ is UpsertRequest:
            changes["match"] = tuple(
                self.key(key, KINDS[value.record.__class__], f"match[{n}]") for n, key in enumerate(value.match)
            )
        changes |= placed
        return attrs.evolve(value, **changes) if changes else value

    def part(self, kind: str | None, name: str, said: Any, path: str) -> Any:
        """Return what one attribute says, carried."""
        if not is_given(said) or path in self.places:
            return said
        if SPACE.get(name) in governed(self.mapping):
            return self.choice(space_of(kind, name, self.mapping.choices), SPACE[name], said, path)
        if attrs.has(said.__class__) and said.__class__ is not Ref:
            return self.object(said, path)
        if isinstance(said, tuple) and said and attrs.has(said[0].__class__):
            items = tuple(self.object(item, f"{path}[{n}]") for n, item in enumerate(said))
            return said if all(a is b for a, b in zip(items, said, strict=True)) else items
        return said

    # --- choices ---

    def placed(self, deal: Any, path: str) -> dict[str, Any]:
        """Return the stage of a deal, and the pipeline that the target has it in: the two are one place.

        Nothing where the deal names no stage, or the mapping does not know any.
        """
        space, at = space_of("deal", "stage", self.mapping.choices), _below(path, "stage")
        if space is None or not is_given(deal.stage) or at in self.places:
            return {}
        found = self.counterpart(space, "stage", deal.stage, at, deal.pipeline)
        if found is None or found.within is None:
            return {"stage": found and found.ref}
        self.along[_below(path, "pipeline")] = is_given(deal.pipeline)
        return {"stage": found.ref, "pipeline": found.within}

    def choice(self, space: str | None, word: str, said: Any, path: str) -> Any:
        """Return the target's counterpart of an owner, status, option …; None, and a loss, where there is none."""
        found = self.counterpart(space or "", word, said if isinstance(said, Ref) else Ref(None, said), path)
        return found and (found.ref if isinstance(said, Ref) else found.ref.name)

    def counterpart(self, space: str, word: str, named: Ref, path: str, within: Ref | None = None) -> Choice | None:
        """Return what a choice of the source's is in the target, as the mapping says; report it where it is nothing."""
        labels = _labels(self.mapping.source.choices.get(space, {}), named, within)
        rules = self.mapping.choices.get(space, ())
        rule = next((rule for rule in rules if labels == [rule.label]), None)
        if rule is not None and rule.verdict == "leave_out":
            self.lose(path, "left_out", on_purpose(rule.said), "note")
            return None
        if len(labels) > 1:
            more = "; say the deal's pipeline too" if word == "stage" else ""
            self.lose(path, "ambiguous", f"the source has several of this name{more}")
            return None
        if rule is None or rule.verdict != "to":
            told = f"the mapping does not say what becomes of this {word.replace('_', ' ')}"
            self.lose(path, "foreign_id" if space == "user" else "unmapped_option", told)
            return None
        self.choices.add((space, rule.said))
        return self.mapping.target.choices[space][rule.said]

    # --- own fields ---

    def own(self, record: Any, own: OwnFields, path: str) -> Any:
        """Return a record with its own fields as the target has them."""
        said = self.gather(record, own, path)
        wire, losses = _written(own, said.values)
        for loss in losses:
            self.tell(loss, own, said.places, path)
        fields: list[CustomField] = []
        feeds, changes = _feeds(own), {name: attrs.fields_dict(record.__class__)[name].default for name in said.emptied}
        for key, value in wire.items():
            target, before = own.targets[key], said.places.get(feeds.get(key, ""))
            self.fields.add((target.kind, own.labels[key]))
            if target.attribute is None:
                now = _below(path, f"custom_fields[{len(fields)}]")
                fields += self.written(target, value, before or now)
            else:
                now = _below(path, target.attribute)
                changes |= self.filled(record, changes, target, value, before or now)
            if before is not None:
                self.places[now] = before
        return attrs.evolve(record, custom_fields=tuple(fields), **changes)

    def written(self, target: Definition, value: Any, at: str) -> list[CustomField]:
        """Return the custom field that says a value in the target; none, and a loss, where it cannot."""
        wire, lost = write_value(target, value, self.writes)
        if lost is not None:
            self.lose(at, lost.reason, lost.detail, lost.level)
        if wire is None:
            return []
        return [CustomField(definition=target_ref(target), value=wire)]

    def filled(
        self, record: Any, changes: Mapping[str, Any], target: Definition, value: Any, at: str
    ) -> dict[str, Any]:  # fmt: skip
        """Return the attribute that holds a value in the target; none, and a loss, where there is no room for it."""
        name = target.attribute or ""
        if not hasattr(record, name) or is_given(changes.get(name, getattr(record, name))):
            self.lose(at, "ambiguous", f"{target.name} has no place here, or is given already")
            return {}
        return {name: attribute_value(target, value)}

    def gather(self, record: Any, own: OwnFields, path: str) -> _Said:
        """Return what a record says of the mapping's fields."""
        said = _Said()
        for place, item in enumerate(record.custom_fields):
            at = _below(path, f"custom_fields[{place}]")
            name = _named(own.sources, item.definition)
            if name is None:
                self.lose(at, "foreign_id", "the mapping does not know this custom field; draft it again")
            elif item.value is None:
                self.lose(at, "left_out", "it has no value and says nothing", "note")
            elif name in said.values:
                self.lose(at, "ambiguous", "the record says this custom field twice; the first is kept")
            else:
                value, loss = read_value(own.sources[name], item.value, self.reads)
                if loss is not None:
                    self.lose(at, loss.reason, loss.detail, loss.level)
                if value is not None:
                    said.values[name], said.places[name] = value, at
        for name, definition in own.sources.items():
            attribute = definition.attribute
            value = None if attribute is None else getattr(record, attribute, None)
            if attribute is not None and is_given(value):
                at = _below(path, attribute)
                said.emptied.append(attribute)
                try:
                    said.values[name], said.places[name] = read_attribute(definition, value), at
                except Unfit as error:
                    self.lose(
                        at, "coerced", f"it holds something else than the type of {definition.name!r} says: {error}"
                    )
        return said

    def tell(self, loss: Loss, own: OwnFields, origin: Mapping[str, str], path: str) -> None:
        """Report a loss of the mapping's rows where the record said it."""
        name = re.split(r"[.\[]", loss.path, maxsplit=1)[0]
        if loss.kind == "needs":
            if self.needs:
                self.losses.append(attrs.evolve(loss, path=_below(path, "custom_fields")))
            return
        reason: Any = "foreign_id" if loss.reason == "absent" else _MEANT.get(loss.detail, loss.reason)
        reason = "left_out" if name in own.on_purpose else reason
        detail = f"{own.sources[name].name}: {loss.detail}"
        self.losses.append(attrs.evolve(loss, path=origin[name], reason=reason, detail=detail))

    def key(self, key: MatchKey, kind: str, path: str) -> MatchKey:
        """Return a key to match by, in the target's terms."""
        if key.definition is None:
            return key
        own = own_fields(self.mapping, kind)
        name = _named(own.sources, key.definition)
        wire_key = {v: k for k, v in _feeds(own).items()}.get(name or "")
        if name is None or wire_key is None:
            self.lose(path, "foreign_id", "the mapping has no counterpart of the field to match by")
            return key
        target, value = own.targets[wire_key], key.value
        self.fields.add((target.kind, own.labels[wire_key]))
        if value is not None:
            wire, _ = _written(own, {name: read_value(own.sources[name], value, self.reads)[0]})
            value = write_value(target, wire[wire_key], self.writes)[0] if wire_key in wire else None
        return attrs.evolve(key, definition=target_ref(target), value=value)


@attrs.define
class _Said:
    """What a record says of a mapping's fields: values and where they stood, and the attributes that this empties."""

    values: dict[str, Any] = attrs.field(factory=dict)
    places: dict[str, str] = attrs.field(factory=dict)
    emptied: list[str] = attrs.field(factory=list)


def target_ref(definition: Definition) -> Ref:
    """Return how records name a field: by its id where that is its key, else by the key."""
    return Ref(definition.id, definition.name) if definition.id == definition.key else Ref(None, definition.key)


def _written(own: OwnFields, said: Mapping[str, Any]) -> tuple[Mapping[str, Any], tuple[Loss, ...]]:
    encoded = encode(own.crosswalk, own.crosswalk.model(**said))
    return encoded.wire, encoded.losses


def _feeds(own: OwnFields) -> dict[str, str]:
    """Return the source's attribute that feeds each wire key."""
    return {row.wire[0]: row.neutral[0] for row in own.crosswalk.rows if isinstance(row, Field)}


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _named(sources: Mapping[str, Definition], ref: Ref) -> str | None:
    """Return the attribute of the own field that a reference names."""
    found = definition_of({name: d for name, d in sources.items() if d.attribute is None}, ref)
    return next((name for name, d in sources.items() if d is found), None) if found is not None else None


def definition_of(definitions: Mapping[str, Definition], ref: Ref) -> Definition | None:
    """Return the definition that a custom field names: by its id, else by its key, else by the name that people see."""
    tests: tuple[Callable[[Definition], bool], ...] = (
        lambda d: ref.id is not None and d.id == ref.id,
        lambda d: ref.id is None and d.key == ref.name,
        lambda d: ref.id is None and d.name == ref.name,
    )
    return next((d for test in tests for d in definitions.values() if test(d)), None)


def _labels(choices: Mapping[str, Choice], ref: Ref, within: Ref | None) -> list[str]:
    """Return the labels of the choices that a reference names: by its id, or by its name and what it is within."""
    if ref.id is not None:
        return [label for label, choice in choices.items() if choice.ref.id == ref.id]
    named = {label: choice.within for label, choice in choices.items() if choice.ref.name == ref.name}
    return [label for label, above in named.items() if within is None or above is None or is_same(above, within)]
