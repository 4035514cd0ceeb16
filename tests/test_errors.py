"""The tree of errors: grouped by what the caller should do, telling what is needed and nothing personal."""

from __future__ import annotations

import inspect
import re

import pytest

import leadlens
from leadlens import errors
from leadlens.errors import InputError, LeadlensError, LossError, RefusedError, VendorError
from leadlens.loss import Loss

CLASSES = [found for _, found in inspect.getmembers(errors, inspect.isclass) if issubclass(found, LeadlensError)]
OF_VENDORS = [found for found in CLASSES if issubclass(found, VendorError)]


def drawn() -> dict[str, str]:
    """Return name and parent of every class as the module's docstring draws them."""
    found: dict[str, str] = {}
    above: dict[int, str] = {}
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^(\W*)(\w+Error)\b", line)
        if match and line.startswith("    "):
            depth = len(match[1])
            above = {d: name for d, name in above.items() if d < depth}
            found[match[2]] = above[max(above)] if above else "Exception"
            above[depth] = match[2]
    return found


def test_the_docstring_draws_the_tree() -> None:
    """The docstring's tree has every error, each below the class that it is derived from."""
    assert drawn() == {found.__name__: found.__base__.__name__ for found in CLASSES if found.__base__ is not None}


@pytest.mark.parametrize("error", CLASSES)
def test_every_error_is_public_and_explained(error: type[LeadlensError]) -> None:
    """Every error can be imported from leadlens, is named an error and has a docstring."""
    assert getattr(leadlens, error.__name__) is error
    assert error.__name__.endswith("Error")
    assert error.__doc__


def test_an_input_error_tells_where_and_what_would_fit() -> None:
    """An input error has a path and what was expected, apart and as text."""
    error = InputError("$.data[0].Stage", "text")
    assert (error.path, error.expected, str(error)) == ("$.data[0].Stage", "text", "$.data[0].Stage: expected text")


def test_a_loss_error_lists_its_losses() -> None:
    """A loss error has all losses, and a line for each."""
    losses = [Loss("a", "absent", "there is no place for it"), Loss("b", "coerced", "it is written otherwise")]
    error = LossError(losses)
    assert error.losses == tuple(losses)
    assert str(error).splitlines() == [
        "2 loss(es) that were not allowed:",
        "  a: there is no place for it [absent]",
        "  b: it is written otherwise [coerced]",
    ]


@pytest.mark.parametrize("error", OF_VENDORS)
def test_a_vendors_error_keeps_its_facts(error: type[VendorError]) -> None:
    """A vendor's error keeps status, code, path, request id and what there is to go on with."""
    made = error(
        "zoho", status=400, code="INVALID_DATA", path="$.data[0].Stage", request_id="r1",
        message="Ada's stage is wrong", candidates=["1", "2"], retry_after=2.5, job_id="j1",
    )  # fmt: skip
    assert (made.vendor, made.status, made.code, made.path) == ("zoho", 400, "INVALID_DATA", "$.data[0].Stage")
    assert (made.request_id, made.message, made.candidates) == ("r1", "Ada's stage is wrong", ("1", "2"))
    assert (made.retry_after, made.job_id) == (2.5, "j1")
    assert str(made) == f"zoho answered 400 INVALID_DATA at $.data[0].Stage: {error.advice}"


@pytest.mark.parametrize("error", OF_VENDORS)
def test_a_vendors_own_words_stay_out_of_the_text(error: type[VendorError]) -> None:
    """The vendor's message may quote the caller's data: it is kept, and not shown."""
    made = error("base", status=500, message="Ada Lovelace")
    assert "Ada" not in str(made)
    assert "Ada" not in repr(made)
    assert str(made).startswith("base answered 500 without a code: ")


@pytest.mark.parametrize("error", [found for found in OF_VENDORS if found is not VendorError])
def test_each_error_has_advice_of_its_own(error: type[VendorError]) -> None:
    """Each class says what to do, in words of its own."""
    others = [other.advice for other in OF_VENDORS if other is not error]
    assert error.advice not in others


def test_refused_means_that_nothing_was_changed() -> None:
    """What may have been done is not among the refusals: nobody may send it again blindly."""
    refused = {found.__name__ for found in CLASSES if issubclass(found, RefusedError)}
    assert refused.isdisjoint({"PendingError", "OutcomeUnknownError", "InputError", "UsageError", "LossError"})
    assert {"DuplicateError", "RateLimitError", "AlreadyConvertedError", "CredentialsError"} <= refused
