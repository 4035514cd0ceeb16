"""Compiles a crosswalk into two functions, once; their source is readable in tracebacks and with :func:`source`."""

from __future__ import annotations

import functools
import itertools
import linecache
from collections.abc import Callable
from typing import Any

import attrs

from leadlens._decode import DecodeWriter
from leadlens._encode import EncodeWriter
from leadlens._runtime import Carry
from leadlens._source import Source
from leadlens.crosswalk import Crosswalk
from leadlens.decoding import MAX_BYTES, loads
from leadlens.loss import Loss
from leadlens.model import JSON


def _load(source: Source, name: str, title: str) -> Callable[..., Any]:
    """Compile a generated function and register its source, as attrs and cattrs do."""
    text, filename = source.text(), _free_filename(title)
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    exec(compile(text, filename, "exec"), source.scope)  # noqa: S102  # source made of declared rows, never of input
    function: Callable[..., Any] = source.scope[name]
    return function


def _free_filename(title: str) -> str:
    """Return a name for linecache that no other crosswalk of the same name has taken."""
    names = (f"<leadlens {title}{f' {n}' if n else ''}>" for n in itertools.count())
    return next(name for name in names if name not in linecache.cache)


@functools.cache
def decoder(crosswalk: Crosswalk) -> Callable[[JSON, list[Loss], str], Any]:
    """Return ``decode(wire, notices, at)``: the neutral object; appends to ``notices``; raises InputError."""
    source = Source()
    DecodeWriter(source, decoder).write(crosswalk)
    return _load(source, "decode", f"decode {crosswalk.name}")


@functools.cache
def encoder(crosswalk: Crosswalk, author: str) -> Callable[[Any, list[Loss], Carry | None], Any]:
    """Return ``encode(value, losses, ids)``: the wire object; appends to ``losses``."""
    source = Source()
    EncodeWriter(source, author, encoder).write(crosswalk)
    return _load(source, "encode", f"encode {crosswalk.name} {author}")


@functools.cache
def straight(crosswalk: Crosswalk) -> Callable[[bytes, list[Loss]], Any]:
    """Return ``read(data, notices)``: the neutral object of bytes exactly as documented, None of any others."""
    return _reader(crosswalk, lambda _data, _notices: None)


@functools.cache
def reader(crosswalk: Crosswalk) -> Callable[[bytes, list[Loss]], Any]:
    """Return ``read(data, notices)``: the neutral object of JSON bytes, as ``decode`` of ``loads`` gives it."""
    slow = decoder(crosswalk)
    return _reader(crosswalk, lambda data, notices: slow(loads(data), notices, "$"))


def _reader(crosswalk: Crosswalk, otherwise: Callable[[bytes, list[Loss]], Any]) -> Callable[[bytes, list[Loss]], Any]:
    from leadlens import _typed  # msgspec is loaded when many payloads are read, not for a single one

    try:
        parse = _typed.parser(crosswalk).decode
    except _typed.Unclear:
        return otherwise
    source = Source()
    _typed.TypedWriter(source).write(crosswalk)
    move, unclear = _load(source, "read", f"read {crosswalk.name}"), _typed.UNCLEAR

    def read(data: bytes, notices: list[Loss]) -> Any:
        known = len(notices)
        try:
            if len(data) <= MAX_BYTES:
                return move(parse(data), notices)
        except unclear:
            del notices[known:]
        return otherwise(data, notices)

    return read


def source(crosswalk: Crosswalk, direction: str = "decode") -> str:
    """Return the generated source of one direction (``decode`` or ``encode``)."""
    function = decoder(crosswalk) if direction == "decode" else encoder(crosswalk, crosswalk.author)
    return "".join(linecache.getlines(function.__code__.co_filename))


@attrs.frozen
class Decoded:
    """A neutral value, and what was noticed while reading it: unknown keys, values that can be read in two ways."""

    value: Any
    losses: tuple[Loss, ...] = ()


@attrs.frozen
class Encoded:
    """A wire object, which shows in no repr, and every loss on the way to it."""

    wire: Any = attrs.field(repr=False)
    losses: tuple[Loss, ...] = ()


def decode(crosswalk: Crosswalk, wire: JSON, *, at: str = "$") -> Decoded:
    """Return the neutral value of a wire object. Raises :class:`InputError` with the path of what does not fit."""
    notices: list[Loss] = []
    value = decoder(crosswalk)(wire, notices, at)
    return Decoded(value, tuple(notices))


def encode(crosswalk: Crosswalk, value: Any, *, ids: Carry | None = None) -> Encoded:
    """Return the wire object that says ``value``, and the losses.

    ``ids`` maps the ids of the account that the value comes from to the target's; None keeps them as they are.
    """
    losses: list[Loss] = []
    wire = encoder(crosswalk, crosswalk.author)(value, losses, ids)
    return Encoded(wire, tuple(losses))
