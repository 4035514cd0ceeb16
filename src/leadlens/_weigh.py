"""Writes how values of several attributes are weighed: as statements that the encoding holds in line.

They name the attributes in their source: a third of the time that it takes to ask for them by a variable.
"""

from __future__ import annotations

from leadlens._build import Steps, Written
from leadlens.codecs import EXACT, LOST


def weigh_parts(parts: tuple[str, ...], *, exact: str, lost: str = "True", unusual: str = "False") -> Written:
    """Return what weighs a VALUE whose ``parts`` are the wire values; without any part, it is to be settled.

    The others are conditions in Python, in this order: that VALUE is to be settled, that nothing of it is lost, that
    something is; where none is met, it is to be settled too.
    """
    wires = _wires(len(parts))
    nothing = " and ".join(f"{wire} is None" for wire in wires)
    return _made(
        wires,
        *(f"{wire} = VALUE.{part}" for wire, part in zip(wires, parts, strict=True)),
        f"if {unusual} or {nothing}: VERDICT = None",
        f"elif {exact}: VERDICT = {EXACT}",
        f"elif {lost}: VERDICT = {LOST}",
        "else: VERDICT = None",
    )


def weigh_items(attribute: str, categories: tuple[str, ...], *, others: bool) -> Written:
    """Return what weighs a list of items of which each category has a wire key, in the order of these.

    Those of ``others`` categories may have a place too, and are to be settled then, as are two of one category.
    """
    wires = _wires(len(categories))
    cases = []
    for place, (wire, category) in enumerate(zip(wires, categories, strict=True)):
        free = " and ".join(f"{later} is None" for later in wires[place:])
        cases.append(f"    elif category == {category!r} and {free}: {wire} = text")
    return _made(
        wires,
        f"{' = '.join(wires)} = None",
        f"VERDICT = {EXACT}",
        "for item in VALUE:",
        f"    text, category = item.{attribute}, item.category",
        "    if text is None: VERDICT = None; break",
        *cases,
        f"    elif {others} or category in {categories!r}: VERDICT = None; break",
        f"    else: VERDICT = {LOST}",
    )


def _wires(size: int) -> tuple[str, ...]:
    return tuple(f"WIRE_{place}" for place in range(size))


def _made(wires: tuple[str, ...], *lines: str) -> Written:
    result = f"    return None if VERDICT is None else ({', '.join(wires)}, VERDICT)"
    source = "\n".join(["def made(VALUE):", *(f"    {line}" for line in lines), result])
    return Written(source, {}, Steps(lines, wires))
