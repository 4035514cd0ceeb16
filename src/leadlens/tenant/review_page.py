"""The page on which a person reviews a mapping: every line with its verdict and reason, the doubtful ones first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from leadlens import __version__
from leadlens.customfields.mapping import AccountMapping, Rule
from leadlens.matrix_page import page_environment
from leadlens.tenant.proposing import Samples

_TITLES: Final = {"lead": "Leads", "contact": "Contacts", "company": "Companies", "deal": "Deals"}
_CHOICES: Final = {
    "user": "Users", "status": "Lead statuses", "source": "Sources", "stage": "Stages", "pipeline": "Pipelines",
    "industry": "Industries",
}  # fmt: skip


@attrs.frozen(kw_only=True)
class Line:
    """One line of the page."""

    label: str
    type: str = ""
    seen: tuple[str, ...] = ()
    verdict: str
    to: str
    to_type: str = ""
    reason: str
    of: str = ""
    options: tuple[Line, ...] = ()

    @property
    def is_open(self) -> bool:
        """Tell whether a person still has to look at it."""
        return self.verdict in ("doubtful", "undecided")


@attrs.frozen
class Section:
    """The lines about one kind of record, or one list of choices."""

    title: str
    lines: tuple[Line, ...]

    def count(self) -> int:
        """Return how many lines a person still has to look at, options included."""
        return sum(line.is_open for line in self.every())

    def every(self) -> Iterator[Line]:
        """Yield the lines and their options."""
        for line in self.lines:
            yield line
            yield from line.options


def review_page(mapping: AccountMapping, seen: Samples) -> str:
    """Return the page as HTML that needs nothing else; ``seen`` are sample values by kind and key of the field.

    Raises :class:`~leadlens.errors.UsageError` without Jinja2.
    """
    sections = tuple(_sections(mapping, seen))
    lines = [line for section in sections for line in section.every()]
    verdicts = ("doubtful", "undecided", "mapped", "created", "left out")
    counts = {verdict: sum(line.verdict == verdict for line in lines) for verdict in verdicts}
    return (
        page_environment()
        .get_template("review.html")
        .render(
            mapping=mapping,
            sections=sections,
            open=[(section.title, line) for section in sections for line in section.every() if line.is_open],
            counts=counts,
            total=len(lines),
            samples=bool(seen),
            version=__version__,
        )
    )


def _sections(mapping: AccountMapping, seen: Samples) -> Iterator[Section]:
    for kind, rules in mapping.kinds.items():
        there, here = mapping.source.definitions[kind], mapping.target.definitions[kind]
        lines = []
        for rule in rules.fields:
            source, target = there.get(rule.label), here.get(rule.said)
            values = seen.get(kind, {}).get(source.key, ()) if source is not None else ()
            options = tuple(_line(option, of=rule.label) for option in rules.options.get(rule.label, ()))
            line = _line(rule, options=options if rule.verdict != "leave_out" else ())
            types = (source.type if source else "", target.type if target and rule.verdict == "to" else "")
            said = tuple(name.replace("_", " ") for name in types)
            lines.append(attrs.evolve(line, type=said[0], to_type=said[1], seen=tuple(values)))
        if lines:
            yield Section(_TITLES[kind], _sorted(lines))
    for space, choices in mapping.choices.items():
        title = _CHOICES.get(space, f"{space.replace('_', ' ').capitalize()}s")
        if choices:
            yield Section(title, _sorted([_line(rule) for rule in choices]))


def _sorted(lines: Sequence[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: not (line.is_open or any(option.is_open for option in line.options))))


def _line(rule: Rule, *, of: str = "", options: tuple[Line, ...] = ()) -> Line:
    if rule.doubtful:
        verdict, reason = "doubtful", rule.doubtful
    else:
        verdict = {"to": "mapped", "create": "created", "leave_out": "left out", "undecided": "undecided"}[rule.verdict]
        reason = rule.said if rule.verdict in ("leave_out", "undecided") else rule.why
    to = rule.said if rule.verdict in ("to", "create") else ""
    return Line(label=rule.label, verdict=verdict, to=to, reason=reason, of=of, options=options)
