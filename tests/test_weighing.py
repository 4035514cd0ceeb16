"""What a codec weighs quickly comes out as if it had been settled: written, read back and compared."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.test_laws import ADAPTERS

from leadlens.categories import by_category
from leadlens.codecs import EXACT, LOST, MILD, REFUSED, Codec, Unsayable
from leadlens.composites import named_parts
from leadlens.crosswalk import Crosswalk, Field, Rest, Row, Variant, row_neutral
from leadlens.model import Address, CustomField, Email, PersonName, Phone, Ref, Social, Website
from leadlens.references import ref_by_name
from leadlens.testing.suite import variants

FEW = max(100, settings().max_examples // 10)
WORDS = st.none() | st.sampled_from(["", "1", "Ada", "Ada Lovelace", "L"])
CATEGORIES = st.none() | st.sampled_from(["work", "mobile", "fax", "home", "other", "twitter", "skype", "billing", "x"])
ZONES = st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=5, minutes=30))])
REFS = st.builds(Ref, WORDS, WORDS)
VALUES = st.none() | st.sampled_from(["", "Gold", 7, True, (1, 2), ()])


SOCIALS = by_category(Social, "url", {"Twitter": "twitter", "Skype": "skype"}, "Acme keeps two networks")
NAME = named_parts("first", "last", detail="Acme keeps two parts")


def several(item: st.SearchStrategy[Any], most: int = 4) -> st.SearchStrategy[Any]:
    return st.lists(item, min_size=1, max_size=most).map(tuple)


OF_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    PersonName: st.builds(PersonName, **dict.fromkeys(("full", "prefix", "first", "middle", "last", "suffix"), WORDS)),
    Address: st.builds(
        Address, **dict.fromkeys(("street", "city", "state", "postal_code", "country"), WORDS), category=CATEGORIES
    ),
    Ref: REFS,
    str: WORDS.filter(lambda word: word is not None) | CATEGORIES.filter(lambda word: word is not None),
    dt.datetime: st.datetimes(dt.datetime(1960, 1, 1), dt.datetime(2040, 1, 1), timezones=ZONES)  # noqa: DTZ001  # the zones are drawn
    | st.sampled_from([dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.datetime(2026, 1, 31, 9, 30, tzinfo=dt.UTC)]),
    tuple[Email, ...]: several(st.builds(Email, address=WORDS, category=CATEGORIES)),
    tuple[Phone, ...]: several(st.builds(Phone, number=WORDS, category=CATEGORIES)),
    tuple[Website, ...]: several(st.builds(Website, url=WORDS, category=CATEGORIES)),
    tuple[Social, ...]: several(st.builds(Social, url=WORDS, category=CATEGORIES)),
    CustomField: st.builds(CustomField, definition=REFS, value=VALUES),
    tuple[CustomField, ...]: several(st.builds(CustomField, definition=REFS, value=VALUES), 2),
}


def weighing() -> Iterator[Any]:
    """Yield every codec of every crosswalk that weighs, with the type of its values."""
    seen = set[int]()
    for adapter in itertools.chain.from_iterable(map(variants, ADAPTERS)):
        for crosswalk in adapter.crosswalks.values():
            for model, row in _rows(crosswalk.model, crosswalk.rows):
                if isinstance(row, Field | Rest) and row.codec.weigh is not None and id(row.codec) not in seen:
                    seen.add(id(row.codec))
                    (kind,) = {hint for hint in OF_TYPE if _is_of(model, row_neutral(row)[0], hint)}
                    kind = CustomField if isinstance(row, Rest) else kind
                    yield pytest.param(row.codec, kind, id=f"{crosswalk.name}-{row_neutral(row)[0]}")


def _rows(model: type, rows: tuple[Row, ...]) -> Iterator[tuple[type, Row]]:
    for row in rows:
        yield model, row
        if isinstance(row, Field) and isinstance(row.codec.record, Crosswalk):
            yield from _rows(row.codec.record.model, row.codec.record.rows)
        elif isinstance(row, Variant):
            for arm in row.cases:
                yield from _rows(arm.member, arm.rows)


def _is_of(model: type, name: str, kind: Any) -> bool:
    hint = get_type_hints(model)[name]
    return bool(kind == hint or kind in (get_args(hint) if get_origin(hint) is UnionType else ()))


def settled(codec: Codec, value: Any) -> tuple[Any, ...] | None:
    """Write a value, read it back and compare; None for what cannot be said, and what the codec has no words for."""
    assert codec.lossy is not None
    value = (value,) if isinstance(value, CustomField) else value
    try:
        said = codec.encode(value)
    except Unsayable as error:
        if codec.refused is None or (error.reason, str(error), error.level) != codec.refused[:3]:
            return None
        return *[None] * (len(codec.schema) if isinstance(codec.schema, tuple) else 1), REFUSED
    said = said if isinstance(codec.schema, tuple) else (said,)
    back = codec.decode(*said)
    if back == value:
        return *said, EXACT
    return *said, MILD if codec.lossy.mild is not None and codec.lossy.mild(value, back) else LOST


CODECS = list(weighing())


@pytest.mark.parametrize(("codec", "kind"), CODECS)
@settings(max_examples=FEW)
@given(data=st.data())
def test_weighed_as_settled(codec: Codec, kind: Any, data: st.DataObject) -> None:
    """What is weighed is what settling gives: the same wire values, the same verdict."""
    value = data.draw(OF_TYPE[kind])
    assert codec.weigh is not None
    weighed = codec.weigh(value)
    if weighed is not None:
        assert tuple(weighed) == settled(codec, value)


@pytest.mark.parametrize(("codec", "kind"), CODECS)
def test_common_values_are_weighed(codec: Codec, kind: Any) -> None:
    """What leads commonly say is weighed, so that the law above is not about nothing."""
    assert codec.weigh is not None
    assert codec.weigh(COMMON[kind]) is not None


COMMON: dict[Any, Any] = {
    PersonName: PersonName(first="Ada", last="Lovelace"),
    Address: Address(street="1 Main St", city="Turin"),
    Ref: Ref(None, "New"),
    str: "work",
    dt.datetime: dt.datetime(2026, 1, 31, 9, 30, tzinfo=dt.UTC),
    tuple[Email, ...]: (Email(address="ada@example.com", category="work"),),
    tuple[Phone, ...]: (Phone(number="1", category="work"),),
    tuple[Website, ...]: (Website(url="https://example.com", category="work"),),
    tuple[Social, ...]: (Social(url="@ada", category="twitter"),),
    CustomField: CustomField(definition=Ref(None, "Level"), value="Gold"),
}


@pytest.mark.parametrize(
    ("codec", "value", "wires", "verdict"),
    [
        (ref_by_name("status"), Ref(None, "New"), ("New",), EXACT),
        (ref_by_name("status"), Ref("5", "New"), ("New",), LOST),
        (ref_by_name("status"), Ref("5"), (None,), REFUSED),
        (SOCIALS, (Social(url="a", category="twitter"),), ("a", None), EXACT),
        (SOCIALS, (Social(url="a", category="twitter"), Social(url="b", category="linkedin")), ("a", None), LOST),
        (NAME, PersonName(first="Ada", last="L"), ("Ada", "L"), EXACT),
        (NAME, PersonName(first="Ada", middle="M", last="L"), ("Ada", "L"), LOST),
    ],
)
def test_verdicts(codec: Codec, value: Any, wires: tuple[Any, ...], verdict: int) -> None:
    """A value is kept, loses something, or cannot be said at all."""
    assert codec.weigh is not None
    assert tuple(codec.weigh(value)) == (*wires, verdict) == settled(codec, value)


@pytest.mark.parametrize(
    ("codec", "value"),
    [
        (SOCIALS, (Social(url="a", category="twitter"), Social(url="b", category="twitter"))),
        (SOCIALS, (Social(category="twitter"),)),
        (NAME, PersonName(full="Ada L")),
        (NAME, PersonName(first="Ada", middle="")),
        (NAME, PersonName(middle="M")),
    ],
)
def test_the_unusual_is_settled(codec: Codec, value: Any) -> None:
    """What is not common is not weighed: it is written and read back."""
    assert codec.weigh is not None
    assert codec.weigh(value) is None
