"""A field that a mapping wants made is used only once it is there."""

from __future__ import annotations

import pytest
from tests.tenants import DECIDED, sample

from leadlens import translate
from leadlens.customfields.checking import findings, unmade
from leadlens.customfields.rows import created
from leadlens.errors import MappingError


def test_what_is_still_to_be_made_stops_a_translation() -> None:
    """The id of a field that is not there yet is nobody's; the message names the command that makes it."""
    text = DECIDED.replace('{ leave_out = "nobody has a fax any more" }', '{ create = "Fax" }')
    mapping = sample(text)
    assert list(findings(mapping)) == []
    (told,) = unmade(mapping)
    assert told.endswith("is still to be made in the target: leadlens lint mapping.toml --create --target new")
    with pytest.raises(MappingError, match="'Fax' is still to be made"):
        translate("lead", {"name": "Ann"}, source="copper", target="zoho", mapping=mapping)


def test_a_new_field_is_like_the_sources() -> None:
    """It has the type of the source's field, the options that its own lead to, and none of its ids."""
    mapping = sample(DECIDED.replace('"Branch" = { to = "Industry" }', '"Branch" = { create = "Branch" }'))
    made = created(mapping, "lead")["Branch"]
    assert (made.type, made.id, made.custom) == ("picklist", None, True)
    assert [(option.name, option.id) for option in made.options] == [("Retail", None), ("Media", None)]
