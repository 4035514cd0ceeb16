"""The laws have teeth: each finds what breaks it on a made-up crosswalk that is wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.made import FIELDS, LEAD, PHONE, TITLE, lead

from leadlens import _compile
from leadlens.codecs import Codec, Lossy, text
from leadlens.conversion import ConvertRequest, Existing, Match
from leadlens.crosswalk import Crosswalk, field
from leadlens.loss import Loss
from leadlens.model import Company, CustomField, Deal, Email, Lead, Phone, Ref
from leadlens.testing import laws
from leadlens.testing.compare import difference
from leadlens.testing.evidence import Evidence
from leadlens.testing.mutations import Additions, Mutation

_TEXT = {"type": "string"}
SHOUTED = lead(field("title", "Title", Codec("shouted", text.decode, str.upper, _TEXT)))
GROWING = lead(field("title", "Title", Codec("growing", text.decode, lambda said: f"{said}!", _TEXT)))
DEAF = lead(
    field("title", "Title", Codec("deaf", lambda _: "same", lambda _: "same", _TEXT, lossy=Lossy("narrowed", "x")))
)
NUMBERED = lead(field("title", "Title", text.but(schema={"type": "integer"})))
MUTE: Any = lambda *_: {}  # noqa: E731  # an encoder that says nothing

SAID = Lead(title="Dr")
WIRE = {"Title": "Dr"}
NO_ADDITIONS = Additions(WIRE, ())
ONE_ADDITION = Additions(WIRE | {"x": 1}, ("$.x",))
FALSE = Loss("title", "narrowed", "nothing is lost")

BROKEN: dict[str, Callable[[], Evidence]] = {
    "round trip": lambda: laws.round_trip(SHOUTED, SAID),
    "settled": lambda: laws.settled(GROWING, SAID),
    "no silent loss": lambda: laws.no_silent_loss(SHOUTED, SAID),
    "sensitive": lambda: laws.sensitive(DEAF, WIRE, Mutation({"Title": "Prof"}, "the title")),
    "schema agrees": lambda: laws.schema_agrees_self(NUMBERED, WIRE, NO_ADDITIONS),
    "schema takes all": lambda: laws.schema_agrees_self(TITLE, WIRE, Additions(WIRE, ("$.x",))),
    "unknown reported": lambda: laws.unknown_reported(TITLE, WIRE, Additions(WIRE, ("$.x",))),
    "unknown invented": lambda: laws.unknown_reported(TITLE, ONE_ADDITION.wire, ONE_ADDITION),
    "no silent loss on the trip": lambda: laws.no_silent_trip(TITLE, SHOUTED, WIRE),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken(name: str) -> None:
    """What breaks a law is found, and told with the crosswalk's name."""
    evidence = BROKEN[name]()
    assert not evidence.ok
    assert "is broken: " in str(evidence)


def test_false_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loss that is reported where nothing is lost is found."""
    encoder = _compile.encoder

    def alarmed(crosswalk: Crosswalk, author: str) -> Any:
        return lambda value, losses, ids: (losses.append(FALSE), encoder(crosswalk, author)(value, losses, ids))[1]

    assert laws.no_false_alarm(TITLE, SAID).ok
    monkeypatch.setattr(laws, "encoder", alarmed)
    assert not laws.no_false_alarm(TITLE, SAID).ok


def test_other_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Generated functions that do something else than the rows say are found."""
    assert laws.encode_is_interpreted(TITLE, SAID).ok
    assert laws.decode_is_interpreted(TITLE, WIRE).ok
    monkeypatch.setattr(laws, "encoder", lambda *_: MUTE)
    monkeypatch.setattr(laws, "decoder", lambda _: lambda *_: Lead())
    assert not laws.encode_is_interpreted(TITLE, SAID).ok
    assert not laws.decode_is_interpreted(TITLE, WIRE).ok


@pytest.mark.parametrize("onto", [lambda _, __, wire: (wire | {"x": 1}, ()), lambda *_: ({}, ())])
def test_bad_merge(monkeypatch: pytest.MonkeyPatch, onto: Any) -> None:
    """Writing onto an original that changes what it should keep is found."""
    assert laws.wire_kept(TITLE, WIRE).ok
    monkeypatch.setattr(laws, "encode_onto", onto)
    assert not laws.wire_kept(TITLE, WIRE).ok


def test_bad_put(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing onto an original that does not say the value is found."""
    assert laws.put_get(TITLE, SAID, {"Title": "Prof"}).ok
    monkeypatch.setattr(laws, "encode_onto", lambda _, __, wire: (wire, ()))
    assert not laws.put_get(TITLE, SAID, {"Title": "Prof"}).ok


def test_exceptions_are_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that raises breaks the law; the judge does not fall over."""
    monkeypatch.setattr(laws, "encode_onto", lambda *_: 1 / 0)

    @settings(max_examples=20)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        broken = [evidence.law for evidence in laws.check_all(TITLE, data.draw) if not evidence.ok]
        assert broken == ["wire kept", "wire kept, with unknown keys", "put-get"]

    check()


@pytest.mark.parametrize("crosswalk", [TITLE, LEAD, lead(field("custom_fields", "fields", FIELDS)), PHONE])
@settings(max_examples=200)
@given(data=st.data())
def test_right_ones_pass(crosswalk: Crosswalk, data: st.DataObject) -> None:
    """A crosswalk that is right holds every law."""
    assert [str(evidence) for evidence in laws.check_all(crosswalk, data.draw) if not evidence.ok] == []


# --- the differ ------------------------------------------------------------------------------------------------------

_LEFT = Lead(title="a", phones=(Phone(number="1"), Phone(number="2")), owner=Ref("1", "Ada"))
_OTHERS = (Phone(number="1"), Phone(number="3"))
_FIELDS = tuple(CustomField(definition=Ref(None, name), value=1) for name in "abc")


@pytest.mark.parametrize(
    ("left", "right", "paths"),
    [
        (_LEFT, _LEFT, []),
        (_LEFT, Lead(phones=_LEFT.phones, owner=Ref("1", "Bob")), ["title"]),
        (_LEFT, Lead(title="a", phones=_OTHERS, owner=Ref("2")), ["phones[1].number", "owner.id"]),
        (_LEFT, Lead(title="a", phones=_LEFT.phones[:1], owner=Ref("1")), ["phones"]),
        (ConvertRequest(company=Existing("1")), ConvertRequest(company=Match("1")), ["company"]),
        (ConvertRequest(company=Existing("1")), ConvertRequest(company=Existing("2")), ["company.id"]),
        (Company(emails=(Email(),)), Company(emails=()), ["emails"]),
        (CustomField(value=True), CustomField(value=1), ["value"]),
        (CustomField(value=1.0), CustomField(value=1), []),
        (Deal(), Lead(), [""]),
    ],
)  # fmt: skip
def test_difference(left: Any, right: Any, paths: list[str]) -> None:
    """Differences are named by neutral path; ids tell references apart, types tell JSON values apart."""
    assert difference(left, right) == paths


def test_difference_without_lost_items() -> None:
    """Items that are known to be lost are left out, and the others compared in order, by their places before."""
    left, right = Lead(custom_fields=_FIELDS), Lead(custom_fields=(_FIELDS[0], CustomField(definition=Ref(None, "c"))))
    assert difference(left, right) == ["custom_fields"]
    assert difference(left, right, lost=frozenset({"custom_fields[1]"})) == ["custom_fields[2].value"]


def test_difference_in_labels() -> None:
    """With labels the names of references count too."""
    assert difference(Ref("1", "a"), Ref("1", "b"), labels=True) == ["name"]
