"""A mapping's fields and choices in the matrix: judged as all rows are, by values that the source can hold."""

from __future__ import annotations

from collections.abc import Iterator

from leadlens.crosswalk import Crosswalk, Row, absent, field
from leadlens.customfields.mapping import AccountMapping, Rule
from leadlens.customfields.pairs import fit, on_purpose, pair
from leadlens.customfields.rows import OwnFields, own_fields
from leadlens.matrix import Cell, Verdict, cells


def mapping_cells(mapping: AccountMapping) -> Iterator[Cell]:
    """Yield a cell for each field of a mapping, as ``custom_fields.LABEL``, and for each list of choices."""
    source, target = mapping.source.vendor, mapping.target.vendor
    for kind, rules in mapping.kinds.items():
        own = own_fields(mapping, kind)
        judged = {cell.field: cell for cell in cells(source, target, kind, _as_held(own), own.crosswalk)}
        places = {id(definition): attribute for attribute, definition in own.sources.items()}
        for rule in rules.fields:
            definition = mapping.source.definitions[kind].get(rule.label)
            if definition is not None:
                name = definition.attribute or f"custom_fields.{rule.label}"
                yield Cell(source, target, kind, name, *_said(rule, judged.get(places[id(definition)])))
    for space, choices in mapping.choices.items():
        yield Cell(source, target, "choices", space, *_choices(choices))


def _as_held(own: OwnFields) -> Crosswalk:
    """Return the source's own fields as it holds them itself: what there is to try."""
    rows: list[Row] = []
    for name, definition in own.sources.items():
        if fit(definition, definition).fits:
            same = {option.name: option.name for option in definition.options}
            rows.append(field(name, name, pair(definition, definition, same)))
        else:
            rows.append(absent(name, "it points to records of its own account"))
    return Crosswalk(own.crosswalk.model, f"{own.crosswalk.name}.held", *rows)


def _said(rule: Rule, judged: Cell | None) -> tuple[Verdict, str]:
    if rule.verdict == "leave_out":
        return "none", on_purpose(rule.said)
    if rule.verdict == "undecided" or judged is None:
        return "none", "nobody has decided about it"
    there = f"into {rule.said}" if rule.verdict == "to" else f"into a new field, {rule.said}"
    doubt = f"a guess: {rule.doubtful}" if rule.doubtful else ""
    partly = "left out on purpose" in judged.reason
    return "lossy" if partly else judged.verdict, "; ".join(filter(None, (there, judged.reason, doubt)))


def _choices(rules: tuple[Rule, ...]) -> tuple[Verdict, str]:
    there = sum(rule.verdict == "to" and not rule.doubtful for rule in rules)
    told = f"{there} of {len(rules)} have a counterpart"
    if there == len(rules):
        return "normalised", told
    return ("lossy" if there else "none"), told
