"""Writes a draft as a TOML file for people, and keeps what a person decided when it is drafted again.

Doubtful lines stand on top of their section, then the open ones, then the rest. A line that a person decided, and
every comment of theirs, stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs

from leadlens import registry
from leadlens.catalogue import Choice, Definition
from leadlens.customfields.mapping import RECORD_KINDS, AccountMapping, Rule, Side
from leadlens.tenant.likeness import LIKELY
from leadlens.tenant.proposing import Draft, Proposal, Samples, options_between

SCHEMA_FILE: Final = "leadlens-mapping.schema.json"
_HEAD: Final = (
    "What goes where. One line says what becomes of one thing:",
    '  "Name" = { to = "Name there" }            it goes there',
    '  "Name" = { create = "New name" }          it goes into a new field, which leadlens lint --create makes',
    '  "Name" = { leave_out = "because …" }      it is left out on purpose; the reason stands in every report',
    "A line with doubtful = … is a guess: if it is right delete that part, if not change the line.",
    "A line with undecided = … needs one of the three. Check the file with: leadlens lint FILE",
)
_LOOK: Final = "LOOK AT THESE FIRST: guesses. If right, delete the part doubtful = …; if wrong, change the line."
_OPEN: Final = 'NOT MAPPED: replace undecided = … by to = "…", create = "…" or leave_out = "because …".'
_OPEN_CHOICE: Final = 'NOT MAPPED: replace undecided = … by to = "…" or leave_out = "because …".'
_REST: Final = "MAPPED"
_NEEDED: Final = (
    "THE TARGET NEEDS THESE, and nothing above feeds them. Give each a value for all records, or map a field to it:"
)
_KEPT: Final = "Kept by leadlens: what these fields were when this was drafted. Not made to be edited."
_SEEN: Final = "e.g. "
_THERE: Final = "There is: "
_MANY: Final = 60
_ASKED: Final = r"\S.* = \"…\"   # .*"
_OURS: Final = (*_HEAD, _LOOK, _OPEN, _OPEN_CHOICE, _REST, _NEEDED, _KEPT)
_TITLES: Final = {"lead": "LEADS", "contact": "CONTACTS", "company": "COMPANIES", "deal": "DEALS"}


@attrs.frozen
class _Kept:
    """One line of an older file as it was written, the comments above it, and whether it has one behind it."""

    comments: tuple[str, ...]
    text: str
    commented: bool = False


@attrs.frozen(kw_only=True)
class _Old:
    """An older file: its decisions by section and label, its comments, and what belongs to no line."""

    lines: Mapping[tuple[str, ...], Mapping[str, _Kept]] = attrs.field(factory=dict)
    loose: Mapping[tuple[str, ...], tuple[str, ...]] = attrs.field(factory=dict)
    top: tuple[str, ...] = ()
    mapping: AccountMapping | None = None

    def decided(self, section: tuple[str, ...]) -> dict[str, Rule]:
        """Return what a person decided in a section, in a line: neither doubtful nor undecided."""
        rules = self.rules(section)
        return {rule.label: rule for rule in rules if not rule.doubtful and rule.verdict != "undecided"}

    def rules(self, section: tuple[str, ...]) -> Sequence[Rule]:
        """Return all lines of a section."""
        if self.mapping is None or section[1] == "always":
            return ()
        return [rule for rule in self._rules(self.mapping, section) if not rule.implied]

    def _rules(self, mapping: AccountMapping, section: tuple[str, ...]) -> Sequence[Rule]:
        if section[0] == "choices":
            return mapping.choices.get(section[1], ())
        kind = mapping.kinds[section[0]]
        return kind.fields if section[1:] == ("fields",) else kind.options.get(section[2], ())


def write_draft(
    draft: Draft,
    source: Side,
    target: Side,
    *,
    old: str | None = None,
    mapping: AccountMapping | None = None,
    seen: Samples | None = None,
) -> str:
    """Return a draft as TOML text.

    ``old`` is an earlier file and ``mapping`` what it says; what was decided there stays. ``seen`` are sample values
    to show, by kind and key of the field: personal data, so only where a person asked for them.
    """
    before = _Old() if old is None else _read_old(old, mapping)
    writer = _Writer(source, target, before, seen or {})
    return "\n".join(writer.lines(draft)) + "\n"


class _Writer:
    """Writes the sections of one file."""

    def __init__(self, source: Side, target: Side, old: _Old, seen: Samples) -> None:
        self.source, self.target, self.old, self.seen = source, target, old, seen

    def lines(self, draft: Draft) -> Iterator[str]:
        """Yield the lines of the whole file."""
        yield f"#:schema {SCHEMA_FILE}"
        yield from (f"# {line}" for line in _HEAD)
        yield from self.old.top
        for which, account in (("source", self.source), ("target", self.target)):
            yield from (
                "",
                f"[{which}]",
                f"vendor = {_quoted(account.vendor)}",
                f"account = {_quoted(account.account)}",
            )
        for kind in RECORD_KINDS:
            yield from self.kind(kind, draft.fields.get(kind, ()))
        for space, proposals in draft.choices.items():
            there = [label for label, choice in self.target.choices[space].items() if choice.active]
            yield from self.section(("choices", space), proposals, {}, there)
        yield from ("", "", f"# {_KEPT}")
        for which, account in (("source", self.source), ("target", self.target)):
            yield from self.kept(which, account)

    def kind(self, kind: str, proposals: Sequence[Proposal]) -> Iterator[str]:
        """Yield the sections of one kind of record."""
        always = self.old.lines.get((kind, "always"), {})
        if not proposals and not always:
            return
        yield from ("", "", f"# ════ {_TITLES[kind]} ════")
        keys = {label: definition.key for label, definition in self.source.definitions[kind].items()}
        yield from self.section((kind, "fields"), proposals, keys)
        decided = self.old.decided((kind, "fields"))
        for proposal in proposals:
            rule, kept = decided.get(proposal.label), (kind, "options", proposal.label)
            there = self.target.definitions[kind].get(rule.said if rule is not None else proposal.to or "")
            known = self.source.definitions[kind].get(proposal.label)
            options = options_between(known, there) if known is not None and there is not None else ()
            names = [option.name for option in there.options if option.active] if there is not None else ()
            if options:
                yield from self.section(kept, options, {}, names)
            elif self.old.lines.get(kept):
                yield from self.section(kept, tuple(_standing(self.old.rules(kept))), {}, names)
        if always:
            yield from self.section((kind, "always"), (), {})
        needed = unfed(
            self.target.definitions[kind], {p.to for p in proposals} | {r.said for r in decided.values()} | set(always)
        )
        if needed:
            yield from ("", *([] if always else [f"[{kind}.always]"]), f"# {_NEEDED}")
            yield from (f"# {_key(label)} = {_quoted('…')}   # {_values(one)}" for label, one in needed.items())

    def section(
        self, path: tuple[str, ...], proposals: Sequence[Proposal], keys: Mapping[str, str], there: Sequence[str] = ()
    ) -> Iterator[str]:  # fmt: skip
        """Yield one section: doubtful lines, open ones, the rest; decided lines as they were.

        ``there`` is what the target has to choose from.
        """
        old, decided = self.old.lines.get(path, {}), self.old.decided(path)
        rules = {p.label: p.rule() for p in proposals if p.label not in decided}
        gone = [label for label in old if label not in rules and (label in decided or path[1:] == ("always",))]
        if not rules and not gone:
            return
        yield from ("", f"[{'.'.join(map(_key, path))}]", *self.old.loose.get(path, ()))
        doubtful = [label for label, rule in rules.items() if rule.doubtful]
        if there:
            yield f"# {_THERE}{', '.join(there[:_MANY])}{' …' if len(there) > _MANY else ''}"
        undecided = [label for label, rule in rules.items() if rule.verdict == "undecided"]
        sure = [label for label in rules if label not in doubtful and label not in undecided]
        width = max((len(_key(label)) for label in (*rules, *(p.label for p in proposals))), default=0)
        for title, labels in ((_LOOK, doubtful), (self.open(path), undecided)):
            if labels:
                yield f"# {title}"
                yield from (line for label in labels for line in self.line(path, rules[label], keys, width))
        if (doubtful or undecided) and (sure or gone):
            yield f"# {_REST}"
        rest = [p.label for p in proposals if p.label in decided or p.label in sure]
        for label in (*rest, *(label for label in gone if label not in rest)):
            if label in sure:
                yield from self.line(path, rules[label], keys, width)
            else:
                shown = "" if old[label].commented else self.values_behind(path, label, keys)
                yield from (*old[label].comments, old[label].text + shown)

    def open(self, path: tuple[str, ...]) -> str:
        """Return what can be done about a line of a section that is not decided."""
        makes = path[1:] == ("fields",) or (path[1] == "options" and _offers(self.target.vendor))
        return _OPEN if makes else _OPEN_CHOICE

    def line(self, path: tuple[str, ...], rule: Rule, keys: Mapping[str, str], width: int) -> Iterator[str]:
        """Yield one new line, with the comments that stood above the old one."""
        kept = self.old.lines.get(path, {}).get(rule.label)
        if kept is not None:
            yield from kept.comments
        yield f"{_key(rule.label):{width}} = {_inline(rule)}{self.values_behind(path, rule.label, keys)}"

    def values_behind(self, path: tuple[str, ...], label: str, keys: Mapping[str, str]) -> str:
        """Return the comment that shows values seen in a field, if there are any."""
        seen = self.seen.get(path[0], {}).get(keys.get(label, ""), ())
        return f"   # {_SEEN}{', '.join(_quoted(value) for value in seen)}" if seen else ""

    # --- what the accounts were ---

    def kept(self, which: str, account: Side) -> Iterator[str]:
        """Yield the sections that tell what an account was."""
        for kind in RECORD_KINDS:
            if definitions := account.definitions[kind]:
                yield from ("", f"[drafted.{which}.{kind}]")
                yield from (f"{_key(label)} = {_definition(label, one)}" for label, one in definitions.items())
        for space, choices in account.choices.items():
            yield from ("", f"[drafted.{which}.choices.{space}]")
            for label, choice in choices.items():
                yield f"{_key(label)} = {_choice(label, choice)}"


def _offers(vendor: str) -> bool:
    """Tell whether options can be added to fields of a CRM that are there."""
    operations = registry.get(vendor).operations
    return operations is not None and operations().offer is not None


def unfed(definitions: Mapping[str, Definition], fed: Iterable[str | None]) -> dict[str, Definition]:
    """Return the account's own fields that it requires and that nothing feeds."""
    known = set(fed)
    return {label: one for label, one in definitions.items() if one.required and one.custom and label not in known}


def _values(one: Definition) -> str:
    names = ", ".join(option.name for option in one.options[:8])
    return f"one of {names}" if names else one.type.replace("_", " ")


def _standing(rules: Iterable[Rule]) -> Iterator[Proposal]:
    """Return the lines of a section for which there is nothing new to propose."""
    for rule in rules:
        if rule.verdict == "undecided" or rule.doubtful:
            to = rule.said if rule.verdict == "to" else None
            yield Proposal(rule.label, to, LIKELY, rule.doubtful or rule.said, merge=rule.merge)


def _definition(label: str, one: Definition) -> str:
    facts: dict[str, Any] = {
        "id": one.id,
        "name": one.name if one.name != label else None,
        "key": one.key,
        "type": one.type,
    }
    facts |= {"wire_type": one.wire_type, "max_length": one.max_length, "decimals": one.decimals}
    facts |= {"attribute": one.attribute, "refers_to": one.refers_to}
    said = [f"{name} = {_value(value)}" for name, value in facts.items() if value is not None]
    said += [f"{flag} = true" for flag in ("required", "unique", "read_only") if getattr(one, flag)]
    said += ["custom = false"] if not one.custom else []
    if one.options:
        options = ", ".join(f"{_key(option.name)} = {_quoted(option.id or '')}" for option in one.options)
        said.append(f"options = {{ {options} }}")
    return f"{{ {', '.join(said)} }}"


def _choice(label: str, choice: Choice) -> str:
    name = None if choice.ref.name == label else choice.ref.name
    said = [f"id = {_quoted(choice.ref.id or '')}", *([] if name is None else [f"name = {_quoted(name)}"])]
    if choice.within is not None:
        facts = {"id": choice.within.id, "name": choice.within.name}
        within = ", ".join(f"{key} = {_quoted(value)}" for key, value in facts.items() if value is not None)
        said.append(f"within = {{ {within} }}")
    return f"{{ {', '.join(said)} }}"


def _inline(rule: Rule) -> str:
    said = [f"{rule.verdict} = {_quoted(rule.said)}", *(["merge = true"] if rule.merge else [])]
    said += [f"{name} = {_quoted(text)}" for name, text in (("doubtful", rule.doubtful), ("why", rule.why)) if text]
    return f"{{ {', '.join(said)} }}"


def _value(value: Any) -> str:
    return _quoted(value) if isinstance(value, str) else str(value)


def _quoted(text: str) -> str:
    return str(_tomlkit().string(text).as_string())


def _key(name: str) -> str:
    return _quoted(name) if not name.isascii() or not name.replace("_", "").isalnum() or not name.islower() else name


def _tomlkit() -> Any:
    import tomlkit

    return tomlkit


# --- an older file ---------------------------------------------------------------------------------------------------


def _read_old(text: str, mapping: AccountMapping | None) -> _Old:
    """Read the lines and comments of an older file."""
    lines: dict[tuple[str, ...], dict[str, _Kept]] = {}
    loose: dict[tuple[str, ...], tuple[str, ...]] = {}
    document = _tomlkit().parse(text)
    top = tuple(_comments(item for key, item in document.body if key is None))
    for path, table in _tables(document, ()):
        if path[0] in ("source", "target", "drafted"):
            continue
        if _is_rule(path):
            told = tuple(_comments(item for key, item in table.value.body if key is None))
            lines.setdefault(path[:-1], {})[path[-1]] = _Kept(told, f"{_key(path[-1])} = {_in_one_line(table)}")
            continue
        found, above = {}, list[str]()
        for key, item in table.value.body:
            if key is None:
                above += _comments([item])
            elif not _is_table(item):
                found[key.key] = _Kept(tuple(above), *_written(key, item))
                above = []
        lines.setdefault(path, {}).update(found)
        loose[path] = (*loose.get(path, ()), *above)
    return _Old(lines=lines, loose=loose, top=top, mapping=mapping)


def _is_rule(path: tuple[str, ...]) -> bool:
    """Say whether a table is a line that was written as one: ``[lead.fields."Fax"]`` with ``to = …`` below."""
    if path[0] == "choices":
        return len(path) == 3
    return len(path) == {"fields": 3, "options": 4}.get(path[1] if len(path) > 1 else "")


def _in_one_line(table: Any) -> str:
    said = {key.key: item.as_string() for key, item in table.value.body if key is not None}
    return f"{{ {', '.join(f'{key} = {value}' for key, value in said.items())} }}"


def _is_table(item: Any) -> bool:
    return bool(item.__class__.__name__ in ("Table", "AoT", "OutOfOrderTableProxy"))


def _tables(container: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, item in container.body:
        if key is not None and _is_table(item):
            here = (*path, key.key)
            yield here, item
            yield from _tables(item.value, here)


def _comments(items: Iterable[Any]) -> Iterator[str]:
    """Yield the comments that a person wrote."""
    for item in items:
        text = item.as_string().strip()
        said = text.lstrip("#").strip()
        if text.startswith("#") and said and not _is_ours(text, said):
            yield text


def _is_ours(text: str, said: str) -> bool:
    known = text.startswith("#:schema") or said in map(str.strip, _OURS)
    return known or said.startswith(("════", _THERE.strip())) or re.fullmatch(_ASKED, said) is not None


def _written(key: Any, item: Any) -> tuple[str, bool]:
    """Return a line as it was written, without sample values that were shown behind it, and whether more is there."""
    trivia = item.trivia
    is_ours = trivia.comment.lstrip("#").strip().startswith(_SEEN.strip())
    comment = "" if is_ours else f"{trivia.comment_ws}{trivia.comment}"
    return f"{key.as_string()}{key.sep}{item.as_string()}{comment}".rstrip(), bool(comment.strip())
