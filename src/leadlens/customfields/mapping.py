"""What a mapping file says: for every field, option and choice of one account, what becomes of it in another."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import attrs

from leadlens.catalogue import Catalogue, Choice, Definition
from leadlens.model import Ref

RECORD_KINDS: Final = ("lead", "contact", "company", "deal")
_USERS: Final = ("owner", "created_by", "modified_by", "converted_by", "contact_owner", "company_owner")
SPACE: Final[Mapping[str, str]] = dict.fromkeys(_USERS, "user") | {
    name: name for name in (
        "pipeline", "stage", "status", "source", "contact_type", "contact_role", "company_type", "deal_type",
        "industry", "rating", "ownership", "loss_reason", "unqualified_reason", "campaign", "vendor", "layout",
    )
}  # fmt: skip
"""Which choices of the account an attribute of the model points to, in the spaces of id maps."""

Verdict: TypeAlias = Literal["to", "create", "leave_out", "undecided"]
VERDICTS: Final[tuple[Verdict, ...]] = ("to", "create", "leave_out", "undecided")


@attrs.frozen(kw_only=True)
class Rule:
    """What becomes of one thing of the source: its label in the file, the line, the verdict and what goes with it.

    ``said`` is the target's label (``to``), a new one's name (``create``), the reason (``leave_out``) or a hint
    (``undecided``). ``doubtful`` is why a proposal still needs a person's eye. ``merge`` says that another line goes
    to the same place, and that this is meant. ``implied`` says that no line of the file says so: see ``implied.py``.
    """

    label: str
    line: int
    verdict: Verdict
    said: str
    doubtful: str = ""
    why: str = ""
    merge: bool = False
    implied: bool = False


@attrs.frozen(kw_only=True)
class KindRules:
    """What becomes of one kind of record: its fields, the options of each by its label, and what is always written."""

    kind: str
    line: int
    fields: tuple[Rule, ...] = ()
    options: Mapping[str, tuple[Rule, ...]] = attrs.field(factory=dict)
    always: Mapping[str, tuple[Any, int]] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Side:
    """One account as it was when the mapping was drafted: its definitions by kind and label, its choices by space.

    A choice that belongs to another one (a stage to its pipeline) names it by its id and name, as far as there are any.
    ``line`` is where the file names its CRM.
    """

    vendor: str
    account: str
    definitions: Mapping[str, Mapping[str, Definition]]
    choices: Mapping[str, Mapping[str, Choice]]
    line: int = 1


@attrs.frozen(kw_only=True, eq=False)
class AccountMapping:
    """A whole mapping file: both accounts as they were, and every decision. ``file`` is the name for messages."""

    file: str
    source: Side
    target: Side
    kinds: Mapping[str, KindRules]
    choices: Mapping[str, tuple[Rule, ...]]
    path: Path | None = None

    def rules(self) -> Iterator[tuple[str, Rule]]:
        """Yield every decision with the section that it stands in."""
        for kind, found in self.kinds.items():
            yield from ((f"{kind}.fields", rule) for rule in found.fields)
            for label, options in found.options.items():
                yield from ((f"{kind}.options.{label}", rule) for rule in options)
        for space, rules in self.choices.items():
            yield from ((f"choices.{space}", rule) for rule in rules)


def labelled(definitions: tuple[Definition, ...], kind: str) -> dict[str, Definition]:
    """Return the definitions of a kind by the name that people see; those of one name also carry their key."""
    own = [definition for definition in definitions if definition.kind == kind]
    names = [definition.name for definition in own]
    return {
        d.name if names.count(d.name) == 1 else f"{d.name} ({d.id or d.key})": d
        for d in own
    }  # fmt: skip


def labelled_choices(choices: tuple[Choice, ...]) -> dict[str, dict[str, Choice]]:
    """Return the choices by space and label: the name, below what it belongs to, with its id where that is needed."""
    known = {choice.ref: choice.ref for choice in choices if choice.kind == "pipeline"}
    spaces: dict[str, list[Choice]] = {}
    for choice in choices:
        if choice.ref.name is not None:
            within = None if choice.within is None else known.get(choice.within, choice.within)
            spaces.setdefault(choice.kind, []).append(attrs.evolve(choice, within=within))
    return {space: _told_apart(found) for space, found in spaces.items()}


def _told_apart(found: list[Choice]) -> dict[str, Choice]:
    labels = [_label(choice) for choice in found]
    made: dict[str, Choice] = {}
    for place, (label, choice) in enumerate(zip(labels, found, strict=True), 1):
        apart = label if labels.count(label) == 1 else f"{label} ({choice.ref.id or place})"
        made[apart] = choice
    return made


def _label(choice: Choice) -> str:
    above = choice.within and (choice.within.name or choice.within.id)
    return f"{above}: {choice.ref.name}" if above else str(choice.ref.name)


def is_same(one: Ref, other: Ref) -> bool:
    """Tell whether two references name the same: by their ids, or by their names where one of them has no id."""
    return one.name == other.name if None in (one.id, other.id) else one.id == other.id


def space_of(kind: str | None, attribute: str, spaces: Container[str]) -> str | None:
    """Return the list of choices that an attribute of a kind of record points to, as far as there is one.

    Some CRMs have one list of sources for all records, others one for each kind.
    """
    space = SPACE.get(attribute, attribute)
    return next((name for name in (f"{kind}_{space}", space) if name in spaces), None)


def side(catalogue: Catalogue) -> Side:
    """Return an account's catalogue as a mapping names it."""
    definitions = {kind: labelled(catalogue.definitions, kind) for kind in RECORD_KINDS}
    return Side(
        vendor=catalogue.vendor,
        account=catalogue.account,
        definitions=definitions,
        choices=labelled_choices(catalogue.choices),
    )
