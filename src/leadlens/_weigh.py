"""Writes the functions that weigh values of several attributes.

They name the attributes in their source: a third of the time that it takes to ask for them by a variable.
"""

from __future__ import annotations

from leadlens._build import Written
from leadlens.codecs import EXACT, LOST


def weigh_parts(parts: tuple[str, ...], *, exact: str, lost: str = "True", unusual: str = "False") -> Written:
    """Return what weighs a value ``x`` whose ``parts`` are the wire values; without any part, it is to be settled.

    The others are conditions in Python, in this order: that ``x`` is to be settled, that nothing of it is lost, that
    something is; where none is met, it is to be settled too.
    """
    wires = [f"wire_{place}" for place in range(len(parts))]
    said = ", ".join(wires)
    reads = [f"    {wire} = x.{part}" for wire, part in zip(wires, parts, strict=True)]
    nothing = " and ".join(f"{wire} is None" for wire in wires)
    return _made(
        "def made(x):",
        *reads,
        f"    if {unusual} or {nothing}: return None",
        f"    if {exact}: return {said}, EXACT",
        f"    return ({said}, LOST) if {lost} else None",
    )


def weigh_items(attribute: str, categories: tuple[str, ...], *, others: bool) -> Written:
    """Return what weighs a list of items of which each category has a wire key, in the order of these.

    Those of ``others`` categories may have a place too, and are to be settled then, as are two of one category.
    """
    wires = [f"wire_{place}" for place in range(len(categories))]
    cases = []
    for place, category in enumerate(categories):
        free = " and ".join(f"{wire} is None" for wire in wires[place:])
        cases.append(f"        {'elif' if place else 'if'} category == {category!r} and {free}: {wires[place]} = text")
    return _made(
        "def made(items):",
        f"    {' = '.join(wires)} = None",
        "    verdict = EXACT",
        "    for item in items:",
        f"        text, category = item.{attribute}, item.category",
        "        if text is None: return None",
        *cases,
        f"        elif {others} or category in {categories!r}: return None",
        "        else: verdict = LOST",
        f"    return {', '.join(wires)}, verdict",
    )


def _made(*lines: str) -> Written:
    return Written("\n".join(lines), {"EXACT": EXACT, "LOST": LOST})
