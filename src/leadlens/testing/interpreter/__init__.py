"""The slow reference: walks the rows of a crosswalk directly. What the generated functions do must be what this does.

Written from what the rows and codecs document, not from the generators. Details of losses are given only where a row
or a codec declares them; the engine's own sentences are left empty here.
"""

from __future__ import annotations

from typing import Any

from leadlens.crosswalk import Crosswalk
from leadlens.loss import Loss
from leadlens.testing.interpreter.paths import objects, rests
from leadlens.testing.interpreter.reading import Reader
from leadlens.testing.interpreter.writing import Carry, Writer

__all__ = ["Carry", "Reader", "decode", "encode", "objects", "rests"]


def decode(crosswalk: Crosswalk, wire: Any, at: str = "$") -> tuple[Any, list[Loss]]:
    """Return the neutral value of a wire object, and what was noticed."""
    reader = Reader(crosswalk, wire, at, "")
    return reader.read(), reader.notices


def encode(
    crosswalk: Crosswalk, value: Any, ids: Carry | None = None, author: str | None = None
) -> tuple[Any, list[Loss]]:
    """Return the wire object that says a neutral value, and the losses."""
    writer = Writer(crosswalk, author or crosswalk.author, ids, "")
    return writer.write(value), writer.losses
