"""The laws that every crosswalk holds. Each is a function that returns evidence instead of asserting."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import attrs
import jsonschema_rs
import orjson
from hypothesis import strategies as st

from leadlens import jsonschema
from leadlens._compile import decode, decoder, encode, encoder, reader
from leadlens._onto import encode_onto
from leadlens.crosswalk import Crosswalk
from leadlens.decoding import dumps, loads
from leadlens.errors import InputError
from leadlens.loss import Loss, covers
from leadlens.strategies import values, wires
from leadlens.testing import interpreter, mutations
from leadlens.testing.compare import brief, changed, difference, read_only, same_json, unreadable, within
from leadlens.testing.evidence import BrokenError, Evidence, broken_by, holds, judged
from leadlens.testing.simplest import simplest


def _write(crosswalk: Crosswalk, value: Any, author: str) -> tuple[Any, list[Loss]]:
    losses: list[Loss] = []
    return encoder(crosswalk, author)(value, losses, None), losses


def _read(crosswalk: Crosswalk, wire: Any) -> tuple[Any, list[Loss]]:
    notices: list[Loss] = []
    return decoder(crosswalk)(wire, notices, "$"), notices


def authors(crosswalk: Crosswalk) -> tuple[str, ...]:
    """Return who writes such a wire: of a record client and vendor, of requests clients, of replies vendors."""
    if crosswalk.calls:
        return ("client",)
    return ("client", "vendor") if crosswalk.author == "client" else ("vendor",)


def _differing(losses: list[Loss]) -> list[Loss]:
    return [loss for loss in losses if loss.kind == "differs"]


# --- one neutral value ---------------------------------------------------------------------------------------------


def round_trip(crosswalk: Crosswalk, value: Any) -> Evidence:
    """No loss reported: what is read back is what was written. Whoever writes."""
    for author in authors(crosswalk):
        wire, losses = _write(crosswalk, value, author)
        if not _differing(losses):
            back, _ = _read(crosswalk, wire)
            paths = [p for p in difference(value, back) if not within(p, unreadable(crosswalk))]
            if paths or (back != value and not unreadable(crosswalk)):
                told = f"as {author}, without a loss, {', '.join(paths)} {_differ(paths)}"
                return broken_by("round trip", crosswalk, told, value, paths, wire=wire, read_back=back)
    return holds("round trip", crosswalk)


def _differ(paths: Sequence[object]) -> str:
    return "differs" if len(paths) == 1 else "differ"


def settled(crosswalk: Crosswalk, value: Any) -> Evidence:
    """Hold that what is written, read and written again is what was written. Whoever writes."""
    for author in authors(crosswalk):
        first, _ = _write(crosswalk, value, author)
        again, _ = _write(crosswalk, _read(crosswalk, first)[0], author)
        if not unreadable(crosswalk) and not same_json(first, again):
            told = list(changed(first, again))
            paths = [line.partition(":")[0] for line in told]
            return broken_by(
                "settled", crosswalk, f"as {author}, {', '.join(told)}", value, paths, wire=first, again=again
            )
    return holds("settled", crosswalk)


def no_silent_loss(crosswalk: Crosswalk, value: Any) -> Evidence:
    """Every difference between a value and what is read back is covered by a reported loss. Whoever writes."""
    for author in authors(crosswalk):
        wire, losses = _write(crosswalk, value, author)
        back, _ = _read(crosswalk, wire)
        silent = _silent(value, back, losses, crosswalk)
        if silent:
            told = f"as {author}, {', '.join(silent)} {_differ(silent)} in silence"
            return broken_by(
                "no silent loss", crosswalk, told, value, silent, wire=wire, read_back=back, losses=_said(losses)
            )
    return holds("no silent loss", crosswalk)


def _said(losses: Iterable[Loss]) -> tuple[str, ...]:
    return tuple(map(str, losses))


def no_silent_account(crosswalk: Crosswalk, value: Any, ids: interpreter.Carry | None) -> Evidence:
    """Hold that what the target's account does not know is left out, and that each such thing is reported."""
    encoded = encode(crosswalk, value, ids=ids)
    back = _read(crosswalk, encoded.wire)[0]
    silent = _silent(value, back, list(encoded.losses), crosswalk)
    law = "no silent loss between accounts"
    if not silent:
        return holds(law, crosswalk)
    told = f"{', '.join(silent)} {_differ(silent)} in silence"
    return broken_by(
        law, crosswalk, told, value, silent, wire=encoded.wire, read_back=back, losses=_said(encoded.losses)
    )


def _silent(value: Any, back: Any, losses: list[Loss], *crosswalks: Crosswalk) -> list[str]:
    reported = [loss.path for loss in _differing(losses)]
    exempt = {path for crosswalk in crosswalks for path in unreadable(crosswalk)}
    paths = difference(value, back, lost=frozenset(reported))
    return [p for p in paths if not any(covers(r, p) for r in reported) and not within(p, exempt)]


def no_false_alarm(crosswalk: Crosswalk, value: Any) -> Evidence:
    """Every reported loss is a real difference: at its path, below it, or at the whole that was replaced above it."""
    for author in authors(crosswalk):
        wire, losses = _write(crosswalk, value, author)
        back, _ = _read(crosswalk, wire)
        reported = frozenset(loss.path for loss in losses)
        paths = difference(value, back, lost=reported) + [p for p in difference(value, back) if p not in reported]
        false = [
            loss for loss in _differing(losses)
            if loss.level == "loss" and not any(covers(loss.path, p) or covers(p, loss.path) for p in paths)
        ]  # fmt: skip
        if false:
            told = f"as {author}, nothing is lost, and this is told: {'; '.join(map(str, false))}"
            suspects = [loss.path for loss in false]
            return broken_by("no false alarm", crosswalk, told, value, suspects, wire=wire, read_back=back)
    return holds("no false alarm", crosswalk)


# --- one wire object -------------------------------------------------------------------------------------------------


def wire_kept(crosswalk: Crosswalk, wire: Any) -> Evidence:
    """Hold that writing what was read onto the original leaves the original as it is."""
    value = _read(crosswalk, wire)[0]
    kept, _ = encode_onto(crosswalk, value, wire)
    if same_json(kept, wire):
        return holds("wire kept", crosswalk)
    told = list(changed(wire, kept))
    paths = [line.partition(":")[0] for line in told]
    return broken_by("wire kept", crosswalk, ", ".join(told), value, paths, wire=wire, written_back=kept)


def put_get(crosswalk: Crosswalk, value: Any, wire: Any) -> Evidence:
    """Onto an original, a value says what it says alone, or exactly what it is: a read-only key, a free text."""
    merged, _ = encode_onto(crosswalk, value, wire)
    got = _read(crosswalk, merged)[0]
    alone = _read(crosswalk, _write(crosswalk, value, crosswalk.author)[0])[0]
    wrong = difference(value, got)
    if crosswalk.author == "client" and not crosswalk.calls:
        said = _read(crosswalk, _write(crosswalk, value, "vendor")[0])[0]
        wrong = [path for path in wrong if path in difference(said, got) or not within(path, read_only(crosswalk))]
    paths = [path for path in difference(alone, got) if any(covers(path, w) or covers(w, path) for w in wrong)]
    if not paths:
        return holds("put-get", crosswalk)
    told = f"{', '.join(paths)} {_differ(paths)} when it is written onto an original"
    return broken_by("put-get", crosswalk, told, value, paths, original=wire, written_onto_it=merged, read_back=got)


def sensitive(crosswalk: Crosswalk, wire: Any, mutation: mutations.Mutation | None) -> Evidence:
    """Hold that changing a claimed leaf changes what is read, unless the leaf can be read in two ways."""
    if mutation is None:
        return holds("sensitive", crosswalk)
    before, notices = _read(crosswalk, wire)
    try:
        after, more = _read(crosswalk, mutation.wire)
    except InputError:
        return holds("sensitive", crosswalk)
    doubts = [loss for loss in (*notices, *more) if loss.reason == "ambiguous"]
    if difference(before, after, labels=True) or doubts or set(notices) != set(more):
        return holds("sensitive", crosswalk)
    paths = [line.partition(":")[0] for line in changed(wire, mutation.wire)]
    told = f"{mutation.told} changes nothing of what is read"
    return broken_by("sensitive", crosswalk, told, before, paths, wire=wire, changed_wire=mutation.wire)


def unknown_reported(crosswalk: Crosswalk, wire: Any, additions: mutations.Additions) -> Evidence:
    """Each key that nobody knows is reported by its wire path, once; nothing else is."""
    before = [loss.path for loss in _read(crosswalk, wire)[1] if loss.reason == "unknown_key"]
    after = [loss.path for loss in _read(crosswalk, additions.wire)[1] if loss.reason == "unknown_key"]
    broken = f"nothing is unknown, and {before} were reported for {brief(wire)}; " if before else ""
    if sorted(after) != sorted(additions.paths):
        broken += f"{sorted(additions.paths)} are unknown, {sorted(after)} were reported for {brief(additions.wire)}"
    return judged("unknown reported", crosswalk, broken)


@functools.cache
def _validator(crosswalk: Crosswalk) -> jsonschema_rs.Draft202012Validator:
    made: jsonschema_rs.Draft202012Validator = jsonschema_rs.Draft202012Validator(
        jsonschema.schema(crosswalk), validate_formats=True
    )
    return made


def schema_agrees_self(crosswalk: Crosswalk, wire: Any, additions: mutations.Additions) -> Evidence:
    """Hold that the crosswalk's own schema takes what decode takes, and refuses keys that nobody knows."""
    fits = _validator(crosswalk)
    wrong = [f"{error.instance_path}: {error.message}" for error in fits.iter_errors(_plain(wire))]
    if additions.paths and fits.is_valid(_plain(additions.wire)):
        wrong.append(f"{additions.paths} in {brief(additions.wire)} are unknown, and the schema takes them")
    return judged("schema agrees", crosswalk, "; ".join(wrong))


def _plain(wire: Any) -> Any:
    """Return the JSON as a plain reader sees it (Decimals as floats)."""
    return orjson.loads(dumps(wire))


# --- generated is interpreted ----------------------------------------------------------------------------------------


def decode_is_interpreted(crosswalk: Crosswalk, wire: Any) -> Evidence:
    """Hold that the generated decode gives what the reference gives."""
    value, notices = _read(crosswalk, wire)
    wanted, losses = interpreter.decode(crosswalk, wire)
    paths = difference(wanted, value, labels=True)
    broken = f"{paths} differ: {brief(value)} for {brief(wire)}; " if paths else ""
    return judged("decode is interpreted", crosswalk, broken + _unlike(losses, notices, wire))


def bytes_are_decoded(crosswalk: Crosswalk, wire: Any) -> Evidence:
    """Hold that reading bytes gives what reading them and decoding gives: value, notices, and where it is refused."""
    data = dumps(wire)
    found, wanted = _outcome(_read_bytes, crosswalk, data), _outcome(_read, crosswalk, loads(data))
    told = "" if _alike(found, wanted) else f"for {brief(wire)}, bytes give {found}, JSON gives {wanted}"
    return judged("bytes are decoded", crosswalk, told)


def _read_bytes(crosswalk: Crosswalk, data: bytes) -> tuple[Any, list[Loss]]:
    notices: list[Loss] = []
    return reader(crosswalk)(data, notices), notices


def errors_are_interpreted(crosswalk: Crosswalk, wire: Any) -> Evidence:
    """Hold that a spoiled wire object is refused by both at the same path, or taken by both alike."""
    found, wanted = _outcome(_read, crosswalk, wire), _outcome(interpreter.decode, crosswalk, wire)
    told = "" if _alike(found, wanted) else f"for {brief(wire)}, the engine says {found}, the rows say {wanted}"
    return judged("errors are interpreted", crosswalk, told)


def errors_quote_nothing(crosswalk: Crosswalk, wire: Any) -> Evidence:
    """Hold that what is refused is told without the value: it may be somebody's data."""
    try:
        _read(crosswalk, wire)
    except InputError as error:
        if mutations.PRIVATE in f"{error} {error.args}":
            told = f"the error at {error.path} quotes what stands there: {error}"
            return broken_by("errors quote nothing", crosswalk, told, wire, [error.path])
    return holds("errors quote nothing", crosswalk)


def _outcome(read: Callable[[Crosswalk, Any], Any], crosswalk: Crosswalk, wire: Any) -> tuple[Any, Any]:
    """Return what was read and the notices' paths and reasons, or None and the path where it was refused."""
    try:
        value, notices = read(crosswalk, wire)
    except InputError as error:
        return None, error.path
    return value, {(loss.path, loss.reason) for loss in notices}


def _alike(found: tuple[Any, Any], wanted: tuple[Any, Any]) -> bool:
    return found[1] == wanted[1] and not difference(found[0], wanted[0], labels=True)


def encode_is_interpreted(crosswalk: Crosswalk, value: Any, ids: Any = None) -> Evidence:
    """Hold that the generated encode gives what the reference gives, for both authors."""
    broken = ""
    for author in authors(crosswalk):
        losses: list[Loss] = []
        wire = encoder(crosswalk, author)(value, losses, ids)
        wanted, expected = interpreter.encode(crosswalk, value, ids, author)
        if not same_json(wire, wanted):
            broken += f"as {author}, {brief(value)} gave {', '.join(changed(wanted, wire))}; "
        broken += _unlike(expected, losses, value)
    return judged("encode is interpreted", crosswalk, broken)


def _unlike(expected: list[Loss], found: list[Loss], given: Any) -> str:
    wanted = {(x.path, x.reason, x.level, x.kind) for x in expected}
    got = {(x.path, x.reason, x.level, x.kind) for x in found}
    told = {(x.path, x.detail) for x in expected if x.detail} - {(x.path, x.detail) for x in found}
    if wanted == got and not told:
        return ""
    wrong = f"missing {sorted(wanted - got)}, too many {sorted(got - wanted)}, in other words {sorted(told)}"
    return f"for {brief(given)}, {wrong}; "


# --- a whole trip ----------------------------------------------------------------------------------------------------


def no_silent_trip(source: Crosswalk, target: Crosswalk, wire: Any) -> Evidence:
    """From wire A to neutral to wire B to neutral, every difference is covered by a reported loss."""
    value = decode(source, wire).value
    encoded = encode(target, value)
    back = _read(target, encoded.wire)[0]
    silent = _silent(value, back, list(encoded.losses), source, target)
    law, pair = "no silent loss on the trip", f"{source.name} → {target.name}"
    if not silent:
        return Evidence(law, pair, ok=True)
    told = f"{', '.join(silent)} {_differ(silent)} in silence"
    wires = {"wire of the source": wire, "wire of the target": encoded.wire, "read back": back,
             "losses": _said(encoded.losses)}  # fmt: skip
    suspects = tuple((crosswalk, path) for path in silent for crosswalk in (target, source))
    return Evidence(law, pair, False, told, value, wires, suspects)


# --- all at once ----------------------------------------------------------------------------------------------------


@functools.cache
def _strategies(crosswalk: Crosswalk) -> tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]:
    return values(crosswalk), wires(crosswalk)


@attrs.frozen
class Drawn:
    """What the laws of one crosswalk are tried with: a value, a wire object, and what mutations make of that."""

    value: Any
    wire: Any
    additions: mutations.Additions
    mutation: mutations.Mutation | None
    spoiled: Any
    private: Any
    carry: interpreter.Carry | None


@st.composite
def draws(draw: st.DrawFn, crosswalk: Crosswalk) -> Drawn:
    """Draw what all laws share, as one strategy: a draw of each part by itself takes Hypothesis longer."""
    return drawn(crosswalk, draw)


def drawn(crosswalk: Crosswalk, draw: mutations.Draw) -> Drawn:
    """Draw what all laws share."""
    value, wire = (draw(strategy) for strategy in _strategies(crosswalk))
    additions, mutation = mutations.unknown_keys(crosswalk, wire, draw), mutations.changed_leaf(crosswalk, wire, draw)
    spoiled, private = (spoil(crosswalk, wire, draw) for spoil in (mutations.spoiled_leaf, mutations.private_leaf))
    return Drawn(value, wire, additions, mutation, spoiled, private, _carrier(draw(_KEEP)))


LAWS: Mapping[str, Callable[[Crosswalk, Drawn], Evidence]] = {
    "round trip": lambda crosswalk, it: round_trip(crosswalk, it.value),
    "settled": lambda crosswalk, it: settled(crosswalk, it.value),
    "no silent loss": lambda crosswalk, it: no_silent_loss(crosswalk, it.value),
    "no silent loss between accounts": lambda crosswalk, it: no_silent_account(crosswalk, it.value, it.carry),
    "no false alarm": lambda crosswalk, it: no_false_alarm(crosswalk, it.value),
    "wire kept": lambda crosswalk, it: wire_kept(crosswalk, it.wire),
    "wire kept, with unknown keys": lambda crosswalk, it: wire_kept(crosswalk, it.additions.wire),
    "put-get": lambda crosswalk, it: put_get(crosswalk, it.value, it.wire),
    "sensitive": lambda crosswalk, it: sensitive(crosswalk, it.wire, it.mutation),
    "unknown reported": lambda crosswalk, it: unknown_reported(crosswalk, it.wire, it.additions),
    "schema agrees": lambda crosswalk, it: schema_agrees_self(crosswalk, it.wire, it.additions),
    "decode is interpreted": lambda crosswalk, it: decode_is_interpreted(crosswalk, it.additions.wire),
    "errors are interpreted": lambda crosswalk, it: errors_are_interpreted(crosswalk, it.spoiled),
    "errors quote nothing": lambda crosswalk, it: errors_quote_nothing(crosswalk, it.private),
    "bytes are decoded": lambda crosswalk, it: bytes_are_decoded(crosswalk, it.wire),
    "bytes are decoded, with unknown keys": lambda crosswalk, it: bytes_are_decoded(crosswalk, it.additions.wire),
    "bytes are decoded, spoiled": lambda crosswalk, it: bytes_are_decoded(crosswalk, it.spoiled),
    "encode is interpreted": lambda crosswalk, it: encode_is_interpreted(crosswalk, it.value, it.carry),
}
"""Every law of one crosswalk, by name."""


def check(name: str, crosswalk: Crosswalk, it: Drawn) -> Evidence:
    """Hold one law, by its name."""
    return _held(name, crosswalk, lambda: LAWS[name](crosswalk, it), (it.value, it.wire))


def demand(name: str, crosswalk: Crosswalk, it: Drawn) -> None:
    """Hold one law, by its name; raise :class:`BrokenError` where it does not hold."""
    evidence = check(name, crosswalk, it)
    if not evidence.ok:
        raise BrokenError(evidence, lambda: _smallest(name, crosswalk, it))


def _smallest(name: str, crosswalk: Crosswalk, it: Drawn) -> Evidence:
    """Return the evidence of the smallest value and wire object that break a law."""

    def with_value(value: Any) -> Drawn:
        return attrs.evolve(it, value=value)

    def with_wire(wire: Any) -> Drawn:
        return attrs.evolve(
            it, wire=wire, additions=mutations.Additions(wire, ()), mutation=None, spoiled=wire, private=wire
        )

    def is_broken(case: Drawn) -> bool:
        found = check(name, crosswalk, case)
        return not found.ok and (found.record is None) == (first.record is None) and bool(found.suspects) == known

    first = check(name, crosswalk, it)
    known = bool(first.suspects)
    it = with_value(simplest(it.value, lambda value: is_broken(with_value(value))))
    wire = simplest(it.wire, lambda wire: is_broken(with_wire(wire)))
    return check(name, crosswalk, it if wire is it.wire else with_wire(wire))


def check_all(crosswalk: Crosswalk, draw: mutations.Draw) -> list[Evidence]:
    """Hold every law against one value and one wire object; all laws share the draw."""
    it = drawn(crosswalk, draw)
    return [check(name, crosswalk, it) for name in LAWS]


def _held(name: str, crosswalk: Crosswalk, law: Callable[[], Evidence], given: tuple[Any, Any]) -> Evidence:
    """Return a law's evidence; an exception is evidence too."""
    try:
        return law()
    except Exception as error:  # noqa: BLE001  # whatever an engine raises here breaks the law
        told = f"{type(error).__name__}: {error}"
        return Evidence(name, crosswalk.name, ok=False, message=told, record=given[0])


_KEEP = st.sampled_from(["all", "none", "some"])


def _carrier(keep: str) -> Callable[[str, Any], Any] | None:
    """Return an id map that knows every id, none, or some."""
    if keep == "all":
        return None
    return lambda space, value: value if keep == "some" and len(repr((space, value))) % 2 else None
