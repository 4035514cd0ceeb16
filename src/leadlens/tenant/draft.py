"""Drafts a mapping of two accounts: what is proposed, the file that says so, and what a person has decided already."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import attrs

from leadlens import registry
from leadlens.catalogue import Catalogue, Definition
from leadlens.customfields.mapping import AccountMapping, Side, labelled, side
from leadlens.customfields.reading import parse_mapping
from leadlens.customfields.scope import fillable, relevant
from leadlens.errors import UsageError
from leadlens.files import replace
from leadlens.tenant.drafting import write_draft
from leadlens.tenant.proposing import Samples, propose


@attrs.frozen(kw_only=True)
class Drafted:
    """A draft: its text, what the text says, and the values that were seen, by kind and key of the field."""

    text: str
    mapping: AccountMapping
    seen: Samples = attrs.field(factory=dict, repr=False)

    def counts(self) -> tuple[int, int, int]:
        """Return how many lines are decided or sure, doubtful, and open."""
        rules = [rule for _, rule in self.mapping.rules()]
        doubtful = sum(bool(rule.doubtful) for rule in rules)
        undecided = sum(rule.verdict == "undecided" for rule in rules)
        return len(rules) - doubtful - undecided, doubtful, undecided

    def summary(self, file: str) -> str:
        """Say in one line what is left to do."""
        done, doubtful, undecided = self.counts()
        return (
            f"{file}: {done} lines are settled, {doubtful} doubtful, {undecided} open; "
            f"edit it, then check it with: leadlens lint {file}"
        )


def drafted(
    source: Catalogue, target: Catalogue, *, old: str | None = None, file: str = "mapping.toml",
    seen: Samples | None = None, theirs: Samples | None = None, shown: bool = False,
) -> Drafted:  # fmt: skip
    """Return the draft of a mapping; ``old`` is an earlier file, of which every decision and comment stays.

    ``seen`` and ``theirs`` are values of both accounts, of which the draft shows the source's where ``shown`` is given.
    Raises UsageError for one account on both sides, where ``old`` is about other accounts, and without the extra
    ``tenant``.
    """
    check_installed()
    if _known_as(source) == _known_as(target):
        told = f"source and target are the same account, {source.account}; a mapping leads from one to another"
        raise UsageError(told)
    before = None if old is None else parse_mapping(old, file)
    origin, goal = registry.get(source.vendor), registry.get(target.vendor)
    mine, there = side(source), side(target)
    if before is not None:
        _check_same(before, source, target)
    mine, there = relevant(mine, there, origin, goal)
    proposals = propose(mine, there, seen, theirs, before)
    text = write_draft(proposals, mine, there, old=old, mapping=before, seen=seen if shown else None)
    return Drafted(text=text, mapping=parse_mapping(text, file), seen=seen or {})


def check_installed() -> None:
    """Raise :class:`UsageError` unless a mapping file can be written: what that takes is an extra."""
    if any(importlib.util.find_spec(name) is None for name in ("rapidfuzz", "tomlkit")):
        raise UsageError("writing a mapping file needs rapidfuzz and tomlkit: pip install 'leadlens[tenant]'")


def save(file: Path, text: str) -> None:
    """Write a file whole or not at all: an interrupted run leaves the one that was there."""
    place = file.resolve()
    mode = place.stat().st_mode & 0o777 if place.exists() else 0o644
    replace(place, text.encode(), mode=mode)


def with_fields(text: str, file: str, kind: str, now: tuple[Definition, ...]) -> str:
    """Return a mapping file that knows the target's fields of a kind as they are now; what a person decided stays."""
    before = parse_mapping(text, file)
    origin, goal = registry.get(before.source.vendor), registry.get(before.target.vendor)
    live = attrs.evolve(before.target, definitions={**before.target.definitions, kind: labelled(now, kind)})
    mine = attrs.evolve(before.source, choices={space: before.source.choices[space] for space in before.choices})
    there = attrs.evolve(
        live,
        definitions={**before.target.definitions, kind: fillable(kind, live, origin, goal)},
        choices={space: before.target.choices[space] for space in before.choices},
    )
    return write_draft(propose(mine, there, decided=before), mine, there, old=text, mapping=before)


def _known_as(account: Catalogue | Side) -> tuple[str, str]:
    """Return what tells an account from others: the CRM without its version, and the name."""
    return account.vendor.partition("@")[0], account.account


def _check_same(before: AccountMapping, source: Catalogue, target: Catalogue) -> None:
    """Refuse to draft over the mapping of two other accounts."""
    for was, now in ((before.source, source), (before.target, target)):
        if _known_as(was) != _known_as(now):
            raise UsageError(f"{before.file} is about {was.account} ({was.vendor}), not {now.account} ({now.vendor})")
