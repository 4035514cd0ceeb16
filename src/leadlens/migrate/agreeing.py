"""Holds the mapping file of a migration against both accounts, before anything is planned or sent."""

from __future__ import annotations

from leadlens.customfields.changes import changes
from leadlens.customfields.checking import checked
from leadlens.customfields.reading import parse_mapping
from leadlens.errors import MappingError
from leadlens.migrate.hand import Hand
from leadlens.migrate.origin import Origin
from leadlens.migrate.plan import Rules
from leadlens.translation import ends_of


def check_mapping(rules: Rules, target: Hand, origin: Origin | None = None) -> None:
    """Raise :class:`MappingError`, with the lines, for a mapping that is not decided, or that an account has outgrown.

    The source is looked at too where it is given: a field that is new there stops a plan, but no migration under way.
    """
    if rules.mapping is None:
        return
    mapping = checked(parse_mapping(rules.mapping, rules.mapping_file))
    ends = ends_of(mapping)
    there = [("target", target.client.catalogue()), *([] if origin is None else [("source", origin.catalogue())])]
    found = [line for which, now in there for line in changes(mapping, which, now, *ends)]
    if found:
        raise MappingError(found)
