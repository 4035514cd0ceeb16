"""A mapping is rows: every law of a crosswalk holds for the rows that a mapping compiles to."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from leadlens.customfields.checking import findings
from leadlens.customfields.mapping import AccountMapping
from leadlens.customfields.pairs import FAMILY
from leadlens.customfields.rows import own_fields, slugs
from leadlens.testing import laws
from leadlens.testing.accounts import mappings

_SHARE = 0.05


@settings(max_examples=int(settings().max_examples * _SHARE))
@given(mapping=mappings(), data=st.data())
def test_the_rows_of_any_mapping_hold_every_law(mapping: AccountMapping, data: st.DataObject) -> None:
    """Whatever goes into whatever: generated is interpreted, round trip, no silent loss, and all the others."""
    assert list(findings(mapping)) == []
    crosswalk = own_fields(mapping, "lead").crosswalk
    broken = [evidence for evidence in laws.check_all(crosswalk, data.draw) if not evidence.ok]
    assert not broken, "\n".join(map(str, broken))


@settings(max_examples=int(settings().max_examples * _SHARE))
@given(mapping=mappings())
def test_every_option_arrives_or_is_reported(mapping: AccountMapping) -> None:
    """Also one that shares its place with another, and one that is left out: none becomes something else in silence."""
    own = own_fields(mapping, "lead")
    for name, definition in own.sources.items():
        for option in definition.options:
            value = option.name if FAMILY[definition.type] == "option" else (option.name,)
            given_alone = own.crosswalk.model(**{name: value})
            for law in (laws.round_trip, laws.no_silent_loss, laws.settled, laws.no_false_alarm):
                evidence = law(own.crosswalk, given_alone)
                assert evidence.ok, str(evidence)


@given(labels=st.lists(st.text(max_size=8)))
def test_a_slug_is_a_plain_word_of_its_own(labels: list[str]) -> None:
    """No label, whatever is in it, makes two words alike or anything that is not a name in generated code."""
    made = slugs(labels)
    assert len(set(made)) == len(labels)
    assert all(word.isidentifier() and word.isascii() for word in made)
