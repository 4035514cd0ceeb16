"""What a record of the source is in the target: its ids and options mapped, its losses declared, our marks on it."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from leadlens._compile import decode, encode
from leadlens.adapter import Adapter
from leadlens.catalogue import Choice
from leadlens.conversion import Conversion
from leadlens.crosswalk import Absent, Crosswalk
from leadlens.customfields.carrying import Carried, beyond, carry, governed
from leadlens.customfields.mapping import AccountMapping
from leadlens.customfields.values import codec_of
from leadlens.errors import LeadlensError
from leadlens.ids import carrier
from leadlens.loss import Loss, covers
from leadlens.model import JSON, Record, Ref

SPACES = (
    "user", "pipeline", "stage", "status", "source", "deal_source", "contact_type", "contact_role", "loss_reason",
    "unqualified_reason",
)  # fmt: skip
"""What is matched by name between two accounts; users by their e-mail addresses first."""


@attrs.frozen
class Crossed:
    """A record as the target can hold it, and what is lost on the way."""

    record: Any = attrs.field(repr=False)
    losses: tuple[Loss, ...]


def marker(op_id: str) -> str:
    """Return the tag that shows which operation a record of the target comes from."""
    return f"ll-{op_id}"


def has_tags(adapter: Adapter, kind: str) -> bool:
    """Tell whether records of a kind have room for our mark."""
    return _has_tags(adapter.crosswalk(kind))


@functools.cache
def _has_tags(crosswalk: Crosswalk) -> bool:
    return not any(isinstance(row, Absent) and "tags" in row.neutral for row in crosswalk.rows)


def number(op_id: str) -> int:
    """Return the same as a number that every CRM keeps exactly."""
    return int(hashlib.sha256(op_id.encode()).hexdigest()[:12], 16)


def remembered(source: str, made: Conversion) -> tuple[str, ...]:
    """Return the tags that remember a conversion: which lead of which CRM, when, and by whom."""
    tags = [f"ll-from:{source}:{made.lead_id}"]
    if made.converted_at is not None:
        tags.append(f"ll-at:{made.converted_at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}")
    if made.converted_by is not None:
        tags.append(f"ll-by:{made.converted_by.id or made.converted_by.name}")
    return tuple(tags)


def match_choices(
    source: Mapping[str, tuple[Choice, ...]], target: Mapping[str, tuple[Choice, ...]]
) -> Mapping[str, Any]:
    """Return the id map of what two accounts have to point to, matched one to one by e-mail address or name."""
    here = {**source, "deal_source": source.get("deal_source") or source.get("source", ())}
    there = {**target, "deal_source": target.get("deal_source") or target.get("source", ())}
    lines = [tuple(side.get("pipeline", ())) for side in (here, there)]
    return {
        space: _matched(*(_placed(side.get(space, ()), line) for side, line in zip((here, there), lines, strict=True)))
        for space in SPACES
    }


def _placed(choices: tuple[Choice, ...], pipelines: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """Return choices with the names of the pipelines that they are in."""
    known = {line.ref: line.ref for line in pipelines}
    return tuple(attrs.evolve(one, within=one.within and known.get(one.within, one.within)) for one in choices)


def _matched(here: tuple[Choice, ...], there: tuple[Choice, ...]) -> dict[str, JSON]:
    """Return the map of ids and names; a name that leads to several is none, and is reported where it is used."""
    found: dict[str, JSON] = {}
    names: dict[str, list[Any]] = {}
    for choice in here:
        entry = _counterpart(choice, there)
        ref = entry and {"name": entry.ref.name, **({} if entry.ref.id is None else {"id": entry.ref.id})}
        if choice.ref.name is not None:
            names.setdefault(choice.ref.name, []).append(ref)
        if choice.ref.id is not None and ref is not None:
            found[choice.ref.id] = ref
    return {name: refs[0] for name, refs in names.items() if refs[0] and refs.count(refs[0]) == len(refs)} | found


def _counterpart(choice: Choice, there: tuple[Choice, ...]) -> Choice | None:
    if choice.email:
        same = [other for other in there if (other.email or "").casefold() == choice.email.casefold()]
        if len(same) == 1:
            return same[0]
    same = [other for other in there if _name(other.ref) == _name(choice.ref)]
    if len({other.ref for other in same}) > 1 and choice.within is not None:
        same = [other for other in same if other.within is not None and _name(other.within) == _name(choice.within)]
    return same[0] if len({other.ref for other in same}) == 1 else None


def _name(ref: Ref) -> str:
    return (ref.name or "").strip().casefold()


@attrs.frozen(kw_only=True)
class Crossing:
    """From one account to another: the CRM there, the id map, and what stands in for what is required.

    ``mapping`` is a tenant's mapping file, which decides about own fields and what it names before ``ids`` does, and
    ``origin`` the CRM of the source, which it needs.

    ``defaults`` are neutral values by path (``deal.stage``), used only where the target requires one and the source
    has none that fits.
    """

    source: str
    adapter: Adapter
    ids: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)
    defaults: Mapping[str, Any] = attrs.field(factory=dict)
    mapping: AccountMapping | None = None
    origin: Adapter | None = None

    def record(self, kind: str, record: Record, links: Mapping[str, Mapping[str, str]], at: Any = None) -> Crossed:
        """Return a record as the target can hold it; ``links`` are the target's ids of records, by kind.

        ``at`` are further values that stand in for what is required, by attribute.
        """
        ids = self._carry(kind, links)
        crosswalk = self.adapter.crosswalk(kind)
        told = self._carried(record)
        if told is None:
            encoded = encode(crosswalk, record, ids=ids)
            losses = list(encoded.losses)
        else:
            assert self.mapping is not None, "it was carried by one"
            encoded = encode(crosswalk, told.value, ids=beyond(self.mapping, ids))
            losses = [*told.losses, *told.located(encoded.losses)]
        whole: Any = decode(crosswalk, encoded.wire).value
        for name, value in {**(at or {}), **self._defaults(kind)}.items():
            if getattr(whole, name) is None and self._requires(kind, whole, name):
                whole = attrs.evolve(whole, **{name: value})
                losses = [loss for loss in losses if not (loss.path == name and loss.reason == "required")]
                losses.append(Loss(name, "defaulted", f"the target needs a {name}, and the source has none that fits"))
        return Crossed(whole, tuple(loss.below(kind) for loss in losses))

    def seen(self, kind: str, record: Record, links: Mapping[str, Mapping[str, str]]) -> Crossed:
        """Return a record as the mapping file has it in the target, with what is lost then, by the paths of that."""
        told = self._carried(record)
        if told is None or self.mapping is None:
            return Crossed(record, ())
        lost = encode(
            self.adapter.crosswalk(kind), told.value, ids=beyond(self.mapping, self._carry(kind, links))
        ).losses
        return Crossed(told.value, tuple(loss.below(kind) for loss in lost))

    @property
    def spaces(self) -> frozenset[str]:
        """Which spaces of ids the mapping file decides about: what :meth:`seen` gives there is the target's."""
        return frozenset() if self.mapping is None else governed(self.mapping)

    def _carried(self, record: Record) -> Carried | None:
        if self.mapping is None or self.origin is None:
            return None
        return carry(self.mapping, record, codec_of(self.origin), codec_of(self.adapter))

    def _carry(self, kind: str, links: Mapping[str, Mapping[str, str]]) -> Callable[[str, Any], Any]:
        table = dict(self._table_of_deals if kind == "deal" else self._table)
        for space, entries in links.items():
            table[space] = {**table.get(space, {}), **entries}
        found = carrier(table)
        assert found is not None, "a table is never 'keep'"
        return found

    @functools.cached_property
    def _table(self) -> dict[str, Mapping[str, Any]]:
        return {name: entries for name, entries in self.ids.items() if name != "deal_source"}

    @functools.cached_property
    def _table_of_deals(self) -> dict[str, Mapping[str, Any]]:
        return {**self._table, "source": self.ids.get("deal_source", {})}

    def _defaults(self, kind: str) -> dict[str, Any]:
        return {path.partition(".")[2]: value for path, value in self.defaults.items() if path.startswith(f"{kind}.")}

    def _requires(self, kind: str, record: Any, name: str) -> bool:
        """Tell whether the target needs an attribute: of a record, or of the new deal of a conversion."""
        told = encode(self.adapter.crosswalk(kind), record).losses
        if any(loss.reason == "required" and covers(name, loss.path) for loss in told):
            return True
        return kind == "deal" and name in self.needed_of_deals

    @functools.cached_property
    def needed_of_deals(self) -> frozenset[str]:
        """Which attributes the deal of a conversion needs in the target."""
        from leadlens.conversion import ConvertRequest, NewDeal

        told = encode(self.adapter.crosswalk("convert-request"), ConvertRequest(lead_id="1", deal=NewDeal())).losses
        return frozenset(loss.path.removeprefix("deal.") for loss in told if loss.reason == "required")


def first_choices(choices: Callable[[str], tuple[Choice, ...]]) -> dict[str, Ref]:
    """Return the target's first stage and pipeline, to stand in where a deal needs one."""
    found: dict[str, Ref] = {}
    for name in ("stage", "pipeline"):
        try:
            there = choices(name)
        except LeadlensError:
            continue
        if there:
            found[f"deal.{name}"] = there[0].ref
    return found
