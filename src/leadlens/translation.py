"""Translates one CRM's record, request or reply into another's, with every loss. Pure: no clock, files or network."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from leadlens import registry
from leadlens._compile import Decoded, decode, encode, straight
from leadlens._runtime import Carry
from leadlens.adapter import RECORDS, Adapter
from leadlens.conversion import ConvertRequest, VendorDefault
from leadlens.decoding import loads
from leadlens.errors import InputError, MappingError, UsageError
from leadlens.exchange import from_payload, main_call, to_calls
from leadlens.flow import Call
from leadlens.ids import Ids, carrier
from leadlens.loss import Loss, LossPolicy, Mode
from leadlens.model import JSON, Lead

if TYPE_CHECKING:
    from leadlens.customfields.carrying import Carried
    from leadlens.customfields.mapping import AccountMapping

Losses: TypeAlias = tuple[Loss, ...]


@attrs.frozen
class Translation:
    """What came of a translation: ``calls`` for the kinds of requests, ``body`` for the others; and the losses."""

    calls: tuple[Call, ...] | None
    body: JSON = attrs.field(repr=False)
    losses: tuple[Loss, ...] = ()

    def to_json(self) -> dict[str, JSON]:
        """Return it as plain JSON."""
        losses = [
            {"path": x.path, "reason": x.reason, "detail": x.detail, "level": x.level, "kind": x.kind}
            for x in self.losses
        ]
        if self.calls is not None:
            return {"calls": [call.to_json() for call in self.calls], "losses": losses}
        return {"body": self.body, "losses": losses}


def translate(
    kind: str,
    payload: JSON | bytes | str,
    *,
    source: str | Adapter,
    target: str | Adapter,
    lead_id: str | None = None,
    ids: Ids = None,
    lead: Lead | None = None,
    mapping: AccountMapping | None = None,
    on_loss: Mode = "report",
    allow: Iterable[str] = (),
) -> Translation:
    """Return ``payload``, of the source's ``kind``, as the target says it.

    ``payload`` is decoded JSON, or JSON as bytes or text. ``ids`` says what becomes of ids that belong to the source's
    account: None leaves them out, ``keep`` says that they are the target's already, a map maps them
    (:mod:`leadlens.ids`). ``lead_id`` is the lead in the *target*, needed for a convert request whose lead is not
    mapped. ``lead`` is the lead itself, where what happens depends on its data. ``mapping`` is what
    :func:`leadlens.read_mapping` gives: where the accounts' own fields, options, users and stages go. Raises
    :class:`InputError` for a payload that is not what it claims to be, :class:`UsageError` for a call that cannot be
    meant, :class:`LossError` under ``raise``.
    """
    work = translator(
        kind, source=source, target=target, lead_id=lead_id, ids=ids, lead=lead, mapping=mapping, on_loss=on_loss,
        allow=allow,
    )  # fmt: skip
    return work(loads(payload) if isinstance(payload, bytes | str) else payload)


def translator(
    kind: str,
    *,
    source: str | Adapter,
    target: str | Adapter,
    lead_id: str | None = None,
    ids: Ids = None,
    lead: Lead | None = None,
    mapping: AccountMapping | None = None,
    on_loss: Mode = "report",
    allow: Iterable[str] = (),
) -> Callable[[JSON | bytes], Translation]:
    """Return :func:`translate` for one kind and pair, prepared once for many payloads.

    Records and replies given as bytes are read fastest.
    """
    origin, goal = _adapter(source), _adapter(target)
    origin.crosswalk(kind), goal.crosswalk(kind)
    lead_id = None if lead_id is None else str(lead_id)
    policy, way = LossPolicy(on_loss, allow), _way(origin, goal, mapping, carrier(ids, lead_id=lead_id))
    if kind == "convert-request":
        return lambda payload: _convert(way, _loaded(payload), lead_id, lead, policy)
    if kind == "upsert-request":
        return lambda payload: _upsert(way, _loaded(payload), policy)
    return lambda payload: _body(way, kind, payload, policy)


@attrs.frozen
class _Way:
    """From which CRM to which, with which mapping, and how ids are carried."""

    source: Adapter
    target: Adapter
    mapping: AccountMapping | None
    ids: Carry | None

    def carried(self, value: Any) -> tuple[Any, Callable[[Losses], Losses]]:
        """Return a neutral object in the target account's terms, and what adds the losses of that to further ones."""
        if self.mapping is None:
            return value, tuple
        there = _carried(self.source, self.target, value, self.mapping)
        return there.value, there.told


def _carried(source: Adapter, target: Adapter, value: Any, mapping: AccountMapping) -> Carried:
    from leadlens.customfields.carrying import carry
    from leadlens.customfields.values import codec_of

    return carry(mapping, value, codec_of(source), codec_of(target))


def carried_to(target: Adapter, value: Any, mapping: AccountMapping) -> Carried:
    """Return a request in the terms of the account that a mapping leads to.

    Raises :class:`~leadlens.errors.MappingError` for a mapping that is not ready to be used, :class:`UsageError` for
    one that leads to another CRM.
    """
    source, _ = ends_of(mapping)
    _fit_for(source, target, mapping)
    return _carried(source, target, value, mapping)


def ends_of(mapping: AccountMapping) -> tuple[Adapter, Adapter]:
    """Return the adapters of the two CRMs that a mapping is between.

    Raises :class:`MappingError`, with file and line, for a CRM that nobody knows, and for one whose fields are not as
    the file keeps them.
    """
    from leadlens.customfields.strangers import strangers

    found, wrong = [], []
    for which, side in (("source", mapping.source), ("target", mapping.target)):
        try:
            found.append(registry.get(side.vendor))
        except UsageError as error:
            wrong.append(f"{mapping.file}:{side.line}: {which}.vendor: {error}")
    if not wrong:
        wrong = list(strangers(mapping, *found))
    if wrong:
        raise MappingError(wrong)
    return found[0], found[1]


def _way(source: Adapter, target: Adapter, mapping: AccountMapping | None, ids: Carry | None) -> _Way:
    if mapping is None:
        return _Way(source, target, None, ids)
    from leadlens.customfields.carrying import beyond

    _fit_for(source, target, mapping)
    return _Way(source, target, mapping, beyond(mapping, ids))


def _fit_for(source: Adapter, target: Adapter, mapping: AccountMapping) -> None:
    """Refuse a mapping of other CRMs, or one that is not decided."""
    from leadlens.customfields.checking import checked

    for adapter, said, what in ((source, mapping.source, "from"), (target, mapping.target, "to")):
        if said.vendor.partition("@")[0] != adapter.name:
            raise UsageError(f"{mapping.file} maps {what} {said.vendor}, not {what} {adapter.name}")
    ends_of(mapping)
    checked(mapping)


def _loaded(payload: JSON | bytes) -> JSON:
    return loads(payload) if isinstance(payload, bytes) else payload


def _adapter(name: str | Adapter) -> Adapter:
    return name if isinstance(name, Adapter) else registry.get(name)


def _body(way: _Way, kind: str, payload: JSON | bytes, policy: LossPolicy) -> Translation:
    notices: list[Loss] = []
    value = straight(way.source.crosswalk(kind))(payload, notices) if isinstance(payload, bytes) else None
    decoded = Decoded(value, tuple(notices)) if value is not None else _read(way.source, kind, _loaded(payload))
    there, told = way.carried(decoded.value)
    encoded = encode(way.target.crosswalk(kind), there, ids=way.ids)
    return Translation(None, encoded.wire, policy.apply((*decoded.losses, *told(encoded.losses))))


def _read(source: Adapter, kind: str, payload: Any) -> Decoded:
    """Read a record or a reply: bare, in the vendor's envelope (records), or as translate printed it."""
    at, wire = "$", payload
    if wire.__class__ is dict and wire.keys() == {"body", "losses"}:
        at, wire = "$.body", wire["body"]
    if kind in RECORDS:
        at, wire = _unwrap(source, at, wire)
    decoded = decode(source.crosswalk(kind), wire, at=at)
    _check_vendor(source, kind, decoded, at, wire)
    return decoded


def _unwrap(source: Adapter, at: str, wire: Any) -> tuple[str, Any]:
    """Return the record of a reply that wraps it, and where it stands; anything else as it is."""
    for key in source.envelope:
        if isinstance(key, str):
            if wire.__class__ is not dict or key not in wire:
                break
            at, wire = f"{at}.{key}", wire[key]
        elif wire.__class__ is list and len(wire) == key + 1:
            at, wire = f"{at}[{key}]", wire[key]
        else:
            raise InputError(at, "a list of one record")
    return at, wire


def _read_request(source: Adapter, kind: str, payload: Any) -> Decoded:
    crosswalk = source.crosswalk(kind)
    wire = from_payload(crosswalk, payload)
    decoded = decode(crosswalk, wire)
    _check_vendor(source, kind, decoded, "$", wire[main_call(crosswalk).name].get("body"))
    return decoded


def _check_vendor(source: Adapter, kind: str, decoded: Decoded, at: str, wire: Any) -> None:
    """Refuse what is another CRM's: it has no key of such a record (but for an id), or only keys of the other's."""
    unknown = _unknown(decoded)
    keys = [key for key in wire or () if key != "id"]
    if keys and all(f"{at}.{key}" in unknown for key in keys):
        raise InputError(at, f"a {kind} as {source.title} writes it, and none of these keys belongs to one")
    if unknown:
        others = (registry.get(name) for name in registry.names() if name != source.name)
        other = next((adapter.title for adapter in others if _is_of(adapter, kind, wire)), None)
        if other is not None:
            raise InputError(at, f"a {kind} as {source.title} writes it; this is as {other} does")


def _unknown(decoded: Decoded) -> set[str]:
    return {loss.path for loss in decoded.losses if loss.reason == "unknown_key"}


def _is_of(adapter: Adapter, kind: str, wire: Any) -> bool:
    """Tell whether a bare body or record is one of this CRM's, to the last key."""
    if kind not in adapter.crosswalks:
        return False
    crosswalk = adapter.crosswalk(kind)
    try:
        return not _unknown(decode(crosswalk, from_payload(crosswalk, wire) if crosswalk.calls else wire))
    except InputError:
        return False


def _upsert(way: _Way, payload: JSON, policy: LossPolicy) -> Translation:
    decoded = _read_request(way.source, "upsert-request", payload)
    crosswalk, (there, told) = way.target.crosswalk("upsert-request"), way.carried(decoded.value)
    encoded = encode(crosswalk, there, ids=way.ids)
    losses = policy.apply((*decoded.losses, *told(encoded.losses)))
    return Translation(to_calls(crosswalk, encoded.wire, {}), None, losses)


def _convert(way: _Way, payload: JSON, lead_id: str | None, lead: Lead | None, policy: LossPolicy) -> Translation:
    decoded = _read_request(way.source, "convert-request", payload)
    request, notes = way.source.resolve(decoded.value)
    request = _with_lead(request, lead_id, way.ids)
    (there, told), target = way.carried(request), way.target
    notes = (*notes, *_differing_defaults(way.source, target, request), *target.depends(there, lead))
    calls, losses = plan_convert(target, there, way.ids)
    if unfit := next((x for x in losses if x.path == "lead_id" and x.reason == "id_not_exact"), None):
        raise UsageError(
            f"{target.title} has no lead of this id ({unfit.detail}); give one with lead_id (--lead-id ID)"
        )
    return Translation(calls, None, policy.apply((*decoded.losses, *notes, *told(losses))))


def plan_convert(
    target: Adapter, request: ConvertRequest, carry: Carry | None = None
) -> tuple[tuple[Call, ...], tuple[Loss, ...]]:
    """Return the calls that carry out a neutral request on the target, and the losses."""
    crosswalk = target.crosswalk("convert-request")
    encoded = encode(crosswalk, request, ids=carry)
    known = request.lead_id if carry is None or request.lead_id is None else carry("lead", request.lead_id)
    return to_calls(crosswalk, encoded.wire, {"lead_id": known}), encoded.losses


def _with_lead(request: ConvertRequest, lead_id: str | None, carry: Carry | None) -> ConvertRequest:
    if lead_id is not None:
        return attrs.evolve(request, lead_id=lead_id)
    if request.lead_id is None:
        raise UsageError(
            "the request does not name the lead; say which one it is in the target with lead_id (--lead-id ID)"
        )
    if carry is not None and carry("lead", request.lead_id) is None:
        told = "the lead's id belongs to the source's account; give the target's with lead_id (--lead-id ID)"
        raise UsageError(f"{told}, map it, or say that ids are kept (--ids keep)")
    return request


def _differing_defaults(source: Adapter, target: Adapter, request: ConvertRequest) -> tuple[Loss, ...]:
    """Say where *nothing said* means something else on the target."""
    notes = []
    for name in ("contact", "company"):
        there, here = source.defaults.get(name), target.defaults.get(name)
        if isinstance(getattr(request, name), VendorDefault) and there and here and there.code != here.code:
            notes.append(Loss(name, "defaulted", f"{here.sentence}; {there.sentence}", "note", "needs"))
    return tuple(notes)


def read_lead(source: str | Adapter, payload: JSON | bytes | str) -> Lead:
    """Return the neutral lead of a source's record, for the ``lead`` argument."""
    adapter = _adapter(source)
    lead = _read(adapter, "lead", loads(payload) if isinstance(payload, bytes | str) else payload).value
    assert isinstance(lead, Lead)
    return lead
