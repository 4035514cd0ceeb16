"""A loss, and what to do about losses."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadlens import Loss, LossPolicy
from leadlens.errors import LossError, UsageError
from leadlens.loss import MODES, REASONS, covers

STAGE = Loss("deal.stage", "unmapped_option", "this stage has no counterpart here")
OWNER = Loss("owner", "foreign_id", "this user belongs to the other account")
NOTE = Loss("name", "coerced", "the name is split", "note")
NEED = Loss("deal.close_date", "required", "the CRM needs a closing date", "loss", "needs")
EVERY = (STAGE, OWNER, NOTE, NEED)


def test_the_reasons_are_those_that_scripts_know() -> None:
    """The list of reasons is part of what scripts rely on, as are the modes."""
    assert REASONS == (
        "absent", "read_only", "narrowed", "unmapped_option", "foreign_id", "truncated", "coerced", "ambiguous",
        "instead", "required", "defaulted", "unknown_key", "id_not_exact", "left_out",
    )  # fmt: skip
    assert MODES == ("report", "raise", "ignore")


def test_a_loss_says_itself_in_one_line() -> None:
    """A loss as text is its path, its sentence and its reason."""
    assert str(STAGE) == "deal.stage: this stage has no counterpart here [unmapped_option]"


def test_a_loss_is_a_loss_that_differs_by_default() -> None:
    """Unless said otherwise a loss is of level loss and kind differs."""
    assert (STAGE.level, STAGE.kind) == ("loss", "differs")


def test_losses_are_frozen_and_equal_by_value() -> None:
    """Losses cannot be changed, and compare by what they say."""
    assert attrs.evolve(STAGE) == STAGE
    assert len({STAGE, attrs.evolve(STAGE)}) == 1
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        STAGE.path = "x"  # type: ignore[misc]  # the fact tested


@pytest.mark.parametrize(
    ("inner", "prefix", "path"),
    [("stage", "deal", "deal.stage"), ("[0].category", "emails", "emails[0].category"), ("[1]", "a.b", "a.b[1]")],
)
def test_a_loss_below_a_record_has_its_path(inner: str, prefix: str, path: str) -> None:
    """Seen from the record around it, a loss has the record's path before its own, and is the same otherwise."""
    loss = attrs.evolve(NEED, path=inner)
    assert loss.below(prefix) == attrs.evolve(NEED, path=path)


# --- paths -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prefix", "path", "result"),
    [
        ("deal", "deal", True),
        ("deal", "deal.stage", True),
        ("deal", "deal[0]", True),
        ("deal.stage", "deal", False),
        ("deal", "deals", False),
        ("deal", "deal_id", False),
        ("dea", "deal", False),
        ("emails[0]", "emails[0].category", True),
        ("emails[1]", "emails[10]", False),
        ("$", "$.zz", True),
        ("", "deal", False),
        ("deal.", "deal.stage", False),
    ],
)
def test_a_path_covers_itself_and_what_lies_below(prefix: str, path: str, result: bool) -> None:
    """A path covers itself and everything inside it; a name that only begins alike is another one."""
    assert covers(prefix, path) is result


# --- the policy ------------------------------------------------------------------------------------------------------


def test_report_keeps_all_and_raises_none() -> None:
    """By default all losses are returned, whatever they are."""
    assert LossPolicy().apply(iter(EVERY)) == EVERY
    assert LossPolicy("report", ("owner",)).apply(EVERY) == EVERY


def test_ignore_keeps_none() -> None:
    """Ignore returns no loss and raises none."""
    assert LossPolicy("ignore").apply(EVERY) == ()


def test_raise_lists_all_that_are_not_allowed() -> None:
    """Raise raises one error with every loss that is not allowed; notes are never among them."""
    with pytest.raises(LossError) as caught:
        LossPolicy("raise", ("owner",)).apply(EVERY)
    assert caught.value.losses == (STAGE, NEED)
    assert str(caught.value) == f"2 loss(es) that were not allowed:\n  {STAGE}\n  {NEED}"


def test_raise_returns_what_is_allowed() -> None:
    """Where everything is allowed, raise returns all losses, so that they can still be shown."""
    assert LossPolicy("raise", ("owner", "deal")).apply(EVERY) == EVERY
    assert LossPolicy("raise").apply((NOTE,)) == (NOTE,)
    assert LossPolicy("raise").apply(()) == ()


@pytest.mark.parametrize(
    ("entry", "allowed"),
    [
        ("deal", {STAGE, NEED, NOTE}),
        ("deal.stage", {STAGE, NOTE}),
        ("reason:required", {NEED, NOTE}),
        ("reason:foreign_id", {OWNER, NOTE}),
        ("reason", {NOTE}),
        ("loss", {NOTE}),
        ("", {NOTE}),
    ],
)
def test_an_entry_allows_a_path_or_a_reason(entry: str, allowed: set[Loss]) -> None:
    """An entry is a path, or reason:CODE; a note needs none."""
    policy = LossPolicy("raise", (entry,))
    assert {loss for loss in EVERY if policy.allows(loss)} == allowed


@pytest.mark.parametrize("allow", ["owner", ["owner"], ("owner",), {"owner"}, iter(["owner"])])
def test_entries_come_in_any_collection(allow: Any) -> None:
    """Entries may be one text, or any collection of texts."""
    assert LossPolicy("raise", allow).allow == ("owner",)


@pytest.mark.parametrize("code", ["", "requird", "Required", "REQUIRED", "required ", "note"])
def test_a_reason_that_does_not_exist_is_refused(code: str) -> None:
    """A reason that does not exist would allow nothing in silence: it is refused, with all there are."""
    with pytest.raises(UsageError, match="no such reason; there are absent, read_only") as caught:
        LossPolicy("raise", (f"reason:{code}",))
    assert f"--allow reason:{code}" in str(caught.value)


@pytest.mark.parametrize("mode", ["", "Raise", "strict", None])
def test_a_mode_that_does_not_exist_is_refused(mode: Any) -> None:
    """A mode that does not exist would be taken for another one in silence: it is refused."""
    with pytest.raises(UsageError, match="on_loss must be one of report, raise, ignore"):
        LossPolicy(mode)


@given(st.lists(st.sampled_from(EVERY)), st.sets(st.sampled_from(["deal", "owner", "reason:required", "deal.stage"])))
def test_raise_and_allow_are_opposites(losses: list[Loss], allow: set[str]) -> None:
    """Raise raises exactly what is not allowed, in the order in which it came."""
    policy = LossPolicy("raise", tuple(allow))
    refused = tuple(loss for loss in losses if not policy.allows(loss))
    if not refused:
        assert policy.apply(losses) == tuple(losses)
        return
    with pytest.raises(LossError) as caught:
        policy.apply(losses)
    assert caught.value.losses == refused
