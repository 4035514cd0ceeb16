"""What generated functions call: the rare and the repetitive parts, so that the generated source stays short."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import attrs

from leadlens._build import Memory, builder
from leadlens.codecs import EXACT, LOST, MILD, Codec, Lossy, Unsayable
from leadlens.errors import InputError, UsageError
from leadlens.loss import Level, Loss, Reason
from leadlens.model import JSON, CustomField, is_given

Carry: TypeAlias = Callable[[str, Any], Any]
"""Given an id space and a value (Ref or str), return its counterpart in the target account, or None without one."""

Notices: TypeAlias = list[Loss]
EMPTY: Mapping[str, Any] = {}
_lost = builder(Loss).function

NAMED_HERE = Lossy("narrowed", "the CRM names its custom fields; the id of the definition is not kept", "note")
UNKNOWN = "this key is not part of the documented record and is not carried over"


def place(notice: Loss, wire: str, neutral: str) -> Loss:
    """Return a nested record's notice as seen from outside: unknown keys by wire path, the rest by neutral path."""
    if notice.kind == "wire_only":
        return attrs.evolve(notice, path=wire + notice.path)
    return notice.below(neutral)


def report_unknown(node: Mapping[str, Any], known: frozenset[str], at: str, notices: Notices) -> None:
    """Report every key of a wire object that no row claims."""
    for key in node:
        if key not in known:
            notices.append(Loss(f"{at}.{key}", "unknown_key", UNKNOWN, "loss", "wire_only"))


def report_leftover(node: Mapping[str, Any], others: frozenset[str], at: str, notices: Notices) -> None:
    """Report the given keys that belong to another case of the variant than the one that was recognised."""
    for key in sorted(others & node.keys()):
        if node[key] is not None:
            detail = "this key does not go with the rest of the request and is not carried over"
            notices.append(Loss(f"{at}.{key}", "unknown_key", detail, "loss", "wire_only"))


def list_item(wire: Any, index: int, at: str, notices: Notices) -> Any:
    """Return one item of a list that stands for a single object; report the items beyond it."""
    if wire.__class__ is not list:
        raise InputError(at, "a list")
    for extra in range(index + 1, len(wire)):
        notices.append(Loss(f"{at}[{extra}]", "unknown_key", "only the first record is read", "loss", "wire_only"))
    return wire[index] if len(wire) > index else None


def read_items(
    wire: Any, read: Callable[..., Any], at: str, below: str, neutral: str, notices: Notices, skip: str | None
) -> tuple[Any, ...]:
    """Return the decoded items of a wire list; paths of errors and notices carry the item's place."""
    if wire.__class__ is not list:
        raise InputError(at + below, "a list")
    found: list[Any] = []
    notes: Notices = []
    for index, item in enumerate(wire):
        try:
            if skip is None or item.__class__ is not dict or item.get(skip) is not None:
                found.append(read(item, notes, ""))
        except InputError as error:
            raise InputError(f"{at}{below}[{index}]{error.path}", error.expected) from None
        if notes:
            notices.extend(place(note, f"{at}{below}[{index}]", f"{neutral}[{len(found) - 1}]") for note in notes)
            notes.clear()
    return tuple(found)


def write_items(
    values: tuple[Any, ...], write: Callable[..., Any], neutral: str, losses: list[Loss], ids: Carry | None,
    skip: str | None, defined: bool,
) -> list[Any]:  # fmt: skip
    """Return the encoded items of a neutral list; those that would say nothing are reported and left out.

    ``defined`` items are custom fields, whose definitions belong to an account.
    """
    out = []
    for index, item in enumerate(values):
        path, inner, kept = f"{neutral}[{index}]", [], (item,)  # type: str, list[Loss], tuple[Any, ...]
        if defined and ids is not None:
            kept = carry_fields((item,), neutral, losses, ids, index)
        wire = write(kept[0], inner, ids) if kept else None
        cause = _unwritable(inner)
        if cause is not None:
            losses.append(Loss(path, cause.reason, cause.detail))
        elif wire is not None and skip is not None and wire.get(skip) is None:
            losses.append(Loss(path, "left_out", "it has no value and says nothing", "note"))
        elif wire is not None:
            out.append(wire)
            losses.extend(loss.below(path) for loss in inner)
    return out


def _unwritable(losses: list[Loss]) -> Loss | None:
    """Return why an item lacks what the CRM requires of it, where something given could not be said."""
    if not any(loss.reason == "required" for loss in losses):
        return None
    return next((loss for loss in losses if loss.kind == "differs" and loss.level == "loss"), None)


def carry_fields(
    values: tuple[CustomField, ...], neutral: str, losses: list[Loss], ids: Carry, first: int = 0
) -> tuple[CustomField, ...]:
    """Return the custom fields whose definitions have a counterpart in the target account; report the others."""
    kept = []
    for index, item in enumerate(values, first):
        definition = ids("definition", item.definition)
        if definition is None:
            detail = "this custom field is defined in the other account only; map its definition"
            losses.append(Loss(f"{neutral}[{index}]", "foreign_id", detail))
        else:
            kept.append(attrs.evolve(item, definition=definition))
    return tuple(kept)


def refuse(error: Unsayable, paths: tuple[str, ...], values: tuple[Any, ...], losses: list[Loss]) -> None:
    """Report, for each value that a row was given, why the wire cannot say it."""
    for path, value in zip(paths, values, strict=True):
        if value is not None:
            losses.append(_lost(path, error.reason, str(error), error.level, "differs"))


def verdicts(codec: Codec, path: str) -> tuple[Loss | None, ...]:
    """Return what is reported of a value at ``path``, by verdict."""
    lossy = codec.lossy or NAMED_HERE
    refused = None if codec.refused is None else Loss(path, *codec.refused[:3])
    return None, Loss(path, "coerced", lossy.mild_detail, "note"), Loss(path, *lossy[:3]), refused


def _verdict(lossy: Lossy, value: Any, kept: Any) -> int:
    if kept == value:
        return EXACT
    return MILD if lossy.mild is not None and lossy.mild(value, kept) else LOST


def settler(codec: Codec, paths: tuple[str, ...], wires: int) -> Callable[..., tuple[Any, ...]]:
    """Return ``settle(values, beside, losses)`` of a lossy row.

    It writes the values, reads back what it wrote, there and then, and reports what that no longer says. It returns
    the wire values, and EXACT, as nothing is left to report.
    """
    lossy, told = codec.lossy or NAMED_HERE, [verdicts(codec, path) for path in paths]
    unsaid = (*[None] * wires, EXACT)

    def settle(values: tuple[Any, ...], beside: tuple[Any, ...], losses: list[Loss]) -> tuple[Any, ...]:
        try:
            said = codec.encode(*values, *beside)
        except Unsayable as error:
            refuse(error, paths, values, losses)
            return unsaid
        said = said if wires > 1 else (said,)
        back = codec.decode(*said, *beside)
        left = (back,) if len(values) == 1 else back or [None] * len(values)
        found = (_verdict(lossy, value, kept) for value, kept in zip(values, left, strict=True))
        losses.extend(loss for of, verdict in zip(told, found, strict=True) if (loss := of[verdict]) is not None)
        return (*said, EXACT)

    return settle


def rest_writer(codec: Codec, known: frozenset[str], fits: Callable[[str], object], path: str) -> Callable[..., None]:
    """Return ``write(node, values, losses, ids)``: custom fields become free keys of a wire object, one by one."""
    told: Memory[int, Any] = Memory(lambda index: verdicts(codec, f"{path}[{index}]"), 64)

    weigh = codec.weigh or (lambda _: None)

    def settle(kept: tuple[CustomField, ...]) -> tuple[dict[str, JSON], int]:
        extra = codec.encode(kept)
        return extra, _verdict(codec.lossy or NAMED_HERE, kept, codec.decode(extra))

    def write(node: dict[str, JSON], values: tuple[CustomField, ...], losses: list[Loss], ids: Carry | None) -> None:
        for index, item in enumerate(values):
            kept: tuple[CustomField, ...] = (item,)
            if ids is not None and not (kept := carry_fields(kept, path, losses, ids, index)):
                continue
            try:
                extra, verdict = weigh(kept[0]) or settle(kept)
            except Unsayable as error:
                refuse(error, (f"{path}[{index}]",), kept, losses)
                continue
            if extra is not None:
                taken = _not_free(extra, node, known, fits)
                if taken is not None:
                    losses.append(_lost(f"{path}[{index}]", *taken, "differs"))
                    continue
                node.update(extra)
            if verdict:
                losses.append(told(index)[verdict])

    return write


def _not_free(
    extra: Mapping[str, JSON], node: Mapping[str, JSON], known: frozenset[str], fits: Callable[[str], object]
) -> tuple[Reason, str, Level] | None:
    """Return why these keys cannot stand in the wire object: taken, no name of a field there, nothing said."""
    for key, item in extra.items():
        if key in known:
            return "ambiguous", f"a field named {key} would overwrite the standard one and is left out", "loss"
        if key in node:
            return "ambiguous", "two custom fields have the same name; the first is kept", "loss"
        if not fits(key):
            return "unmapped_option", "the CRM has no custom field of this name; map its definition", "loss"
        if item is None:
            return "left_out", "it has no value and says nothing", "note"
    return None


def report_replaced(path: str, given: Any, replacement: Any, losses: list[Loss]) -> None:
    """Report each attribute that was given and that the replacing member does not say."""
    for attribute in attrs.fields(given.__class__):
        said = getattr(given, attribute.name)
        if is_given(said) and said != attribute.default and getattr(replacement, attribute.name, None) != said:
            detail = f"the {attribute.name.replace('_', ' ')} is lost with it"
            losses.append(Loss(f"{path}.{attribute.name}", "instead", detail))


def no_member(path: str, value: object, names: str) -> UsageError:
    """Return the error for an object that is no member of the union at all."""
    return UsageError(f"{path} must be one of {names}, not a {value.__class__.__name__}")
