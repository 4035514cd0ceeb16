"""The plan of a migration: what would become of every conversion, what is lost, what it costs. Nothing is written."""

from __future__ import annotations

import datetime as dt
import functools
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

import attrs

from leadlens import __version__
from leadlens.adapter import Adapter
from leadlens.conversion import Conversion
from leadlens.customfields.checking import checked
from leadlens.customfields.reading import parse_mapping
from leadlens.decoding import dumps, loads
from leadlens.errors import InputError, LeadlensError, UsageError
from leadlens.loss import Loss
from leadlens.migrate import matching
from leadlens.migrate.choosing import Only
from leadlens.migrate.costs import Costs
from leadlens.migrate.crossing import SPACES, Crossing, first_choices, match_choices
from leadlens.migrate.hand import Hand
from leadlens.migrate.items import AT_ONCE
from leadlens.migrate.origin import KINDS, Bundle, MissingError, Origin, key_of
from leadlens.migrate.plan_file import Items, digest, written
from leadlens.migrate.plan_file import read as read_lines
from leadlens.migrate.steps import Key, Maker
from leadlens.model import JSON, Ref
from leadlens.plain import from_plain, to_plain

FORMAT = "leadlens-migration-1"
EXAMPLES = 3
EVERYTHING = Only()
Decision: TypeAlias = Literal["replay", "create", "link", "update", "review", "skip"]
Progress = Callable[[int], None]


@attrs.frozen(kw_only=True)
class Rules:
    """What a migration goes by besides the two accounts, as plain JSON: it is part of the plan and of its hash.

    ``mapping`` is the text of a tenant's mapping file, ``mapping_file`` its name for messages, ``ids`` the id map
    (space → source id or name → target), ``defaults`` what stands in where the target requires something
    (``deal.stage``), ``key`` the field of the target's leads that holds our id, ``external`` by kind the field of the
    target's records that holds the source's id, ``remember`` whether tags keep what a conversion was, ``max_credits``
    how many credits may be spent at most.
    """

    ids: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)
    mapping: str | None = None
    mapping_file: str = "mapping.toml"
    defaults: Mapping[str, Any] = attrs.field(factory=dict)
    key: str | None = None
    external: Mapping[str, str] = attrs.field(factory=dict)
    remember: bool = True
    max_credits: int | None = None

    def maker(self, source: Adapter, target: Hand) -> Maker:
        """Return what makes the writes by these rules."""
        defaults = {path: _default(path, value) for path, value in self.defaults.items()}
        told = None if self.mapping is None else checked(parse_mapping(self.mapping, self.mapping_file))
        crossing = Crossing(
            source=source.name, adapter=target.adapter, ids=self.ids, defaults=defaults, mapping=told, origin=source
        )
        key = None if self.key is None else Key.of(self.key)
        return Maker(crossing=crossing, client=target.client, key=key, remember=self.remember)


_REFS = ("stage", "pipeline", "owner", "source", "status", "contact_type")


def _default(path: str, value: Any) -> Any:
    kind, _, name = path.partition(".")
    if kind not in KINDS or not name or "." in name:
        raise UsageError(f"--default {path}: name a field of a lead, contact, company or deal, such as deal.stage")
    if name in _REFS:
        if isinstance(value, Mapping):
            return Ref(value.get("id"), value.get("name"))
        return Ref(value, value)
    if name == "close_date":
        return dt.date.fromisoformat(value)
    return value if name != "name" or kind in ("company", "deal") else _person(value)


def _person(text: str) -> Any:
    from leadlens.model import PersonName

    return PersonName(last=text)


def label(hand: Hand, account: str) -> str:
    """Return what an account is known by in plans and ledgers: its name, where it is, and its first user's id."""
    users = [choice.ref.id or choice.ref.name or "" for choice in hand.client.choices("user")]
    first = min(users, key=lambda one: (len(one), one), default="nobody")
    return f"{account} at {hand.client.driver.link.base_url} (user {first})"


def make(
    origin: Origin,
    target: Hand,
    *,
    source: str,
    goal: str,
    rules: Rules,
    since: dt.datetime | None = None,
    only: Only = EVERYTHING,
    known: Mapping[str, str] | None = None,
    progress: Progress = lambda _: None,
) -> JSON:
    """Return the plan, of all conversions or of ``only`` some.

    ``known`` tells for operations of earlier runs the digest of what was migrated.
    """
    rules = _completed(rules, origin, target)
    maker = rules.maker(origin.adapter, target)
    maker.check_key()
    items = Items()
    counts: Counter[str] = Counter()
    tally = _Tally()
    matched = matching.Matching.of(target, rules.external)
    named = functools.cache(functools.partial(_names, origin))
    seen: dict[str, set[str]] = defaultdict(set)
    for made in _oldest_first(origin, (made for made in origin.conversions(since) if only.names(made.lead_id))):
        op_id = key_of(source, goal, made)
        try:
            bundle = origin.bundle(made)
        except MissingError as gone:
            item = _gone(made, gone)
        else:
            if not only.takes(bundle, named):
                continue
            item = _item(matched, maker, bundle, op_id, seen, known or {}, tally)
        items.add({"op_id": op_id, "place": len(items), **item})
        counts[item["decision"]] += 1
        progress(len(items))
    plan = {
        "format": FORMAT,
        "version": __version__,
        "source": source,
        "target": goal,
        "made_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "rules": attrs.asdict(rules),
        "counts": dict(counts),
        **tally.to_json(),
        "unmatched": _unmatched(origin, target, rules),
        "left_behind": _left_behind(origin),
        **tally.costs.to_json(target),
        "items": items,
    }
    return {**plan, "hash": digest(plan)}


def load(file: Path) -> Mapping[str, Any]:
    """Return the plan of a file; see :func:`read`."""
    with file.open("rb") as lines:
        return read(lines, str(file))


def read(lines: Iterable[bytes], name: str) -> Mapping[str, Any]:
    """Return a plan that is as it was made. Raises :class:`UsageError` for one that was changed since."""
    try:
        plan = read_lines(lines)
    except InputError as error:
        raise UsageError(f"{name}: {error}") from None
    if not isinstance(plan, dict) or plan.get("format") != FORMAT:
        raise UsageError(f"{name} is no plan of a migration; make one with leadlens migrate plan")
    if plan.get("hash") != digest(plan):
        raise UsageError(f"{name} was changed after it was made; make it anew, so that it says what will be done")
    return plan


def rules_of(plan: Mapping[str, Any]) -> Rules:
    """Return the rules that a plan was made by."""
    return Rules(**plan["rules"])


def conversion_of(item: Mapping[str, Any]) -> Conversion:
    """Return the conversion of the source that an item of a plan is about."""
    return from_plain(item["conversion"], Conversion)


def _completed(rules: Rules, origin: Origin, target: Hand) -> Rules:
    """Return the rules with what two accounts have in common, and with what stands in for what is required."""
    here = {space: _choices(origin.choices, space) for space in SPACES}
    there = {space: _choices(target.client.choices, space) for space in SPACES}
    found = match_choices(here, there)
    ids = {space: {**found.get(space, {}), **rules.ids.get(space, {})} for space in {*found, *rules.ids}}
    first = {path: _plain(ref) for path, ref in first_choices(target.client.choices).items()}
    return attrs.evolve(rules, ids=ids, defaults={**first, **rules.defaults})


def _plain(ref: Ref) -> JSON:
    return {"id": ref.id, "name": ref.name}


def _names(origin: Origin, space: str) -> dict[str, str]:
    return {choice.ref.id or "": choice.ref.name or "" for choice in _choices(origin.choices, space)}


def _choices(choices: Callable[[str], tuple[Any, ...]], space: str) -> tuple[Any, ...]:
    try:
        return choices(space)
    except UsageError:  # this CRM has no such thing
        return ()


def _oldest_first(origin: Origin, conversions: Iterable[Conversion]) -> Iterator[Conversion]:
    """Yield conversions in the order of their times; what each is read with is read together for some at a time.

    Until its turn comes, a conversion is kept as JSON, which takes a fraction of the memory: as text, since the bytes
    that orjson gives keep a block of 4 KB.
    """
    long_ago = dt.datetime.min.replace(tzinfo=dt.UTC)
    found = sorted(
        (made.converted_at or long_ago, made.id or "", made.lead_id or "", dumps(_bare_plain(made)).decode())
        for made in conversions
    )
    left = deque(found)
    found.clear()
    while left:
        some = [from_plain(loads(left.popleft()[-1]), Conversion) for _ in range(min(AT_ONCE, len(left)))]
        origin.expect(some)
        yield from some


# --- one conversion --------------------------------------------------------------------------------------------------


@attrs.define
class Examples:
    """How many leads something is about, and the first few of them."""

    count: int = 0
    first: list[str] = attrs.field(factory=list)

    def add(self, lead: str, most: int = EXAMPLES) -> None:
        """Count a lead."""
        self.count += 1
        if len(self.first) < most:
            self.first.append(lead)

    def to_json(self) -> dict[str, JSON]:
        """Return it as plain JSON."""
        return {"count": self.count, "examples": self.first}


@attrs.define
class _Tally:
    """What the conversions of a plan have in common, in numbers."""

    losses: dict[tuple[str, str, str, str], Examples] = attrs.field(factory=lambda: defaultdict(Examples))
    duplicates: list[JSON] = attrs.field(factory=list)
    missing: dict[str, Examples] = attrs.field(factory=lambda: defaultdict(Examples))
    costs: Costs = attrs.field(factory=Costs)

    def add(self, lead: str, losses: Iterable[Loss]) -> None:
        """Count the losses of a conversion."""
        for loss in losses:
            path = _without_places(loss.path)
            self.losses[path, loss.reason, loss.level, loss.detail].add(lead)
            if loss.reason == "required":
                self.missing[path].add(lead)

    def to_json(self) -> JSON:
        """Return it as plain JSON."""
        losses = [
            {"path": path, "reason": reason, "level": level, "detail": detail, **leads.to_json()}
            for (path, reason, level, detail), leads in sorted(self.losses.items(), key=lambda one: -one[1].count)
        ]
        missing = [{"path": path, **leads.to_json()} for path, leads in self.missing.items()]
        return {"losses": losses, "duplicates": self.duplicates, "missing": missing}


def _without_places(path: str) -> str:
    import re

    return re.sub(r"\[\d+\]", "", path)


def _ids(made: Conversion) -> dict[str, Any]:
    return {"lead": made.lead_id or "", **{kind: getattr(made, kind).id for kind in KINDS[1:]}}


def _gone(made: Conversion, why: MissingError) -> dict[str, Any]:
    """Leave a conversion to a person whose records are not all there."""
    return {
        **_ids(made), "decision": "review", "why": str(why), "conversion": _bare_plain(made), "matches": {},
    }  # fmt: skip


def _item(
    matched: matching.Matching,
    maker: Maker,
    bundle: Bundle,
    op_id: str,
    seen: dict[str, set[str]],
    known: Mapping[str, str],
    tally: _Tally,
) -> dict[str, Any]:
    """Return what becomes of one conversion, and why."""
    ids = _ids(bundle.conversion)
    found = () if op_id in known else matched.find(bundle)
    first = {kind: ids[kind] for kind in KINDS if ids[kind] is not None and ids[kind] not in seen[kind]}
    decision, why = _decided(maker, bundle, found, first, seen)
    decision, why = _possible(maker, bundle, decision, why)
    if op_id in known:
        same = known[op_id] == bundle.digest
        decision, why = ("skip", "migrated before") if same else ("update", "changed since it was migrated")
    for kind in KINDS:
        if ids[kind] is not None:
            seen[kind].add(ids[kind])
    matches = {one.kind: one.id for one in found if one.kind in first}
    tally.duplicates += [{"lead": ids["lead"], **attrs.asdict(one)} for one in found if one.kind in first]
    if decision != "skip":
        tally.add(ids["lead"], maker.losses(bundle, "replay" if decision in ("link", "review") else decision))
    if decision not in ("skip", "review"):
        tally.costs.add(maker, bundle, decision, matched.hand)
    return {
        **ids, "decision": decision, "why": why, "digest": bundle.digest, "matches": matches,
        "conversion": to_plain(bundle.conversion),
    }  # fmt: skip


def _bare_plain(made: Conversion) -> JSON:
    return Bundle(conversion=made).to_json()["conversion"]


def _decided(
    maker: Maker,
    bundle: Bundle,
    found: tuple[matching.Found, ...],
    first: Mapping[str, str | None],
    seen: dict[str, set[str]],
) -> tuple[Decision, str]:
    """Return the decision about a conversion, with its reason in words."""
    several = [one for one in found if one.several and one.kind in first]
    if several:
        return "review", f"the target has several records that could be the {several[0].kind} (by {several[0].by})"
    if bundle.lead is None or "lead" not in first:
        return "create", "the lead was converted more than once; each conversion keeps its records"
    shape = maker.refused_shape(
        bundle, contact_there="contact" not in first or any(one.kind == "contact" for one in found)
    )
    if shape is not None:
        return "create", shape
    if maker.by_mail and _taken_mail(bundle, seen):
        return "create", "the target has one contact per e-mail address, and an earlier conversion has made it"
    if any(one.kind == "deal" and one.kind in first for one in found):
        return "create", "the target has the deal already, and a conversion would make another"
    if found and any(one.kind in first for one in found):
        return "link", "the target has " + " and ".join(sorted({one.kind for one in found})) + " already"
    return "replay", "the lead is written and converted"


def _taken_mail(bundle: Bundle, seen: dict[str, set[str]]) -> bool:
    """Tell whether an earlier conversion has the e-mail address of this one, for another contact or company."""
    mails = bundle.contact.emails if bundle.contact is not None else ()
    mail = next((one.address.casefold() for one in mails if one.address), None)
    if mail is None or bundle.contact is None:
        return False
    pair = f"{bundle.contact.id}/{None if bundle.company is None else bundle.company.id}"
    taken = mail in seen["mail"] and f"{mail} {pair}" not in seen["mail"]
    seen["mail"] |= {mail, f"{mail} {pair}"}
    return taken


def _possible(maker: Maker, bundle: Bundle, decision: Decision, why: str) -> tuple[Decision, str]:
    """Leave a conversion to a person where the target needs something that nobody has given."""
    if decision not in ("replay", "link", "create"):
        return decision, why
    kind = "create" if decision == "create" else "replay"
    needed = sorted({loss.path for loss in maker.losses(bundle, kind) if loss.reason == "required"})
    if needed:
        return "review", f"the target needs {', '.join(needed)}; give --default {needed[0]}=VALUE, or decide"
    return decision, why


# --- what has no counterpart -----------------------------------------------------------------------------------------


def _unmatched(origin: Origin, target: Hand, rules: Rules) -> dict[str, list[str]]:
    """Return what the source has to point to and the target has no counterpart of."""
    found = {}
    for space in ("user", "pipeline", "stage", "status", "source", "contact_type", "loss_reason"):
        there = rules.ids.get(space, {})
        names = [
            choice.ref.name or choice.ref.id or ""
            for choice in _choices(origin.choices, space)
            if not {choice.ref.id, choice.ref.name} & there.keys()
        ]
        if names:
            found[space] = names
    del target
    return found


def _left_behind(origin: Origin) -> dict[str, int | str]:
    """Return what the source has beside its records and that is not moved, in numbers as far as it tells."""
    return {kind: "not counted" if number is None else number for kind, number in origin.left_behind().items()}


def check_accounts(plan: Mapping[str, Any], source: str, target: str) -> None:
    """Raise :class:`UsageError` where a plan is about other accounts."""
    if (plan["source"], plan["target"]) != (source, target):
        raise UsageError(f"this plan is from {plan['source']} to {plan['target']}, not from {source} to {target}")


__all__ = [
    "FORMAT",
    "LeadlensError",
    "Rules",
    "check_accounts",
    "conversion_of",
    "digest",
    "label",
    "load",
    "make",
    "read",
    "written",
]
