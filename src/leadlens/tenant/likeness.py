"""How alike two things of two accounts are, and why: by name, type, options and sample values."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from leadlens.catalogue import Definition
from leadlens.customfields.pairs import FAMILY, fit

SURE: Final = 90
"""From this score on a proposal needs no mark."""
LIKELY: Final = 60
"""From this score on there is a proposal at all."""


@attrs.frozen(order=True)
class Likeness:
    """A score from 0 to 100, and the reason in words."""

    score: int
    why: str


@functools.lru_cache(maxsize=2**16)
def normalised(name: str) -> str:
    """Return a name without case, accents, punctuation and what systems add: ``Est_Budget__c`` is ``est budget``."""
    plain = unicodedata.normalize("NFKD", name.removesuffix("__c").removesuffix("__s"))
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", letters)
    return " ".join(re.findall(r"[^\W_]+", apart.casefold()))


def name_likeness(one: str, other: str) -> Likeness:
    """Compare two names."""
    if one == other:
        return Likeness(100, "same name")
    left, right = normalised(one), normalised(other)
    if left == right and left:
        return Likeness(97, "same name but for its spelling")
    return Likeness(min(_similarity(left, right), SURE - 1), "similar name")


def _similarity(left: str, right: str) -> int:
    """Return how similar two normalised names are, 0 to 100; the order of words does not count.

    Names that share no word are as alike as their letters: the comparison of sets of words says the same then.
    """
    mine, theirs = _words(left), _words(right)
    whole: float = _fuzz().ratio(mine[0], theirs[0])
    words: float = _fuzz().token_set_ratio(left, right) if mine[1] & theirs[1] else whole
    return round(0.6 * whole + 0.4 * words)


@functools.cache
def _fuzz() -> Any:
    """Return what compares texts, once it is needed: it is an extra."""
    from rapidfuzz import fuzz

    return fuzz


@functools.lru_cache(maxsize=2**16)
def _words(name: str) -> tuple[str, frozenset[str]]:
    """Return the words of a name in order of the alphabet, as a text and as a set."""
    words = sorted(name.split())
    return " ".join(words), frozenset(words)


def field_likeness(
    one: Definition, other: Definition, samples: Mapping[str, Sequence[str]], theirs: Mapping[str, Sequence[str]]
) -> Likeness | None:  # fmt: skip
    """Compare two fields; None where the values of one do not go into the other.

    ``samples`` and ``theirs`` are values seen in the source's and the target's records, as texts, by the field's key.
    """
    fits = fit(one, other)
    if not fits.fits:
        return None
    name = min(
        (name_likeness(a, b) for a in {one.name, one.key} for b in {other.name, other.key}), key=lambda x: -x.score
    )
    score, reasons = name.score, [name.why]
    if one.type == other.type:
        reasons.append(f"same type: {fits.told}" if fits.told else "same type")
    else:
        score -= 3 if FAMILY[one.type] == FAMILY[other.type] else 8
        reasons.append(f"{one.type} into {other.type}".replace("_", " ") + (f": {fits.told}" if fits.told else ""))
    score, told = _with_options(score, one, other)
    reasons += told
    score, told = _with_samples(score, samples.get(one.key, ()), theirs.get(other.key, ()), other)
    return Likeness(max(min(score, 100), 0), ", ".join([*reasons, *told]))


def _with_options(score: int, one: Definition, other: Definition) -> tuple[int, list[str]]:
    if not one.options or not other.options:
        return score, []
    known = {normalised(option.name) for option in other.options}
    shared = sum(normalised(option.name) in known for option in one.options)
    told = f"{shared} of {len(one.options)} options are the same"
    if shared == len(one.options):
        return max(score + 5, 70 if len(one.options) > 1 else score), [told]
    return score - round(25 * (1 - shared / len(one.options))), [told]


def _with_samples(score: int, mine: Sequence[str], theirs: Sequence[str], other: Definition) -> tuple[int, list[str]]:
    """Let values count that both accounts have, and values that are none of the target's options."""
    if not mine:
        return score, []
    known = set(theirs) | {option.name for option in other.options}
    shared = len(set(mine) & known)
    if shared:
        return score + 5, [f"{shared} of {len(set(mine))} values seen are there too"]
    return (score - 10, ["none of the values seen is there"]) if other.options else (score, [])
