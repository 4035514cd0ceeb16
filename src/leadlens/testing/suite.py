"""``TestAcme = conformance(ADAPTER)``: what every adapter must pass, as a class of tests for pytest."""

from __future__ import annotations

import importlib
import itertools
import json
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from leadlens.adapter import Adapter
from leadlens.codecs import Codec
from leadlens.crosswalk import Crosswalk
from leadlens.emulation.vendor import Vendor
from leadlens.errors import LeadlensError
from leadlens.testing import conversions, errors, laws, pacing, reading, records, redaction
from leadlens.testing.evidence import BrokenError, Evidence
from leadlens.testing.singles import singles
from leadlens.testing.subject import Subject

_HEALTH = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
_NOT_THEIRS = (str(Path(errors.__file__).parent.parent / "_").removesuffix("_"), importlib.__file__, "<frozen")
_SENTENCES = ("reason", "required", "defaulted")
Check = Callable[[Subject], Iterator[str]]
FLOWS: tuple[Check, ...] = (
    records.records_arrive,
    records.updates_change_what_they_say,
    records.upserts_find_their_record,
    records.searches_are_exact,
    records.removals_take_away,
    records.lists_are_whole,
    records.accounts_are_told,
    records.notes_arrive,
    reading.accounts_are_read,
    reading.unknown_keys_are_told,
    conversions.intents_come_true,
    conversions.silence_makes_no_deal,
    conversions.defaults_are_told,
    conversions.conversions_are_listed,
    conversions.missing_leads_are_told,
    conversions.answers_are_true,
    conversions.replies_without_a_key_are_true,
    errors.replies_are_judged,
    pacing.limits_are_known,
    pacing.limits_are_kept,
    pacing.pauses_are_kept,
    pacing.failures_are_told,
    redaction.values_are_hidden,
)
"""What is tried in an emulated account."""
STILL: tuple[Check, ...] = (reading.kinds_are_whole, reading.samples_are_read, redaction.secrets_are_hidden)
"""What needs none."""
CALM = settings(deadline=None, suppress_health_check=_HEALTH)
"""How properties are run: as many examples as the active profile says, however long each takes."""


def conformance(
    adapter: Adapter, *, sandbox: Vendor | None = None, switches: Mapping[str, str] | None = None,
    examples: int | None = None,
) -> type:  # fmt: skip
    """Return the class of all tests that an adapter must pass; assign it to a name that begins with ``Test``.

    ``sandbox`` is the emulated account; left out, it is found beside the adapter or by the entry point
    ``leadlens.sandboxes``. ``switches`` choose, where records are written and read back, between behaviours of the
    sandbox that nobody has recorded. ``examples`` is with how many each property is tried; left out, the active
    profile of Hypothesis says it. Each failure names its cause: the law, the smallest record, both wires and the row,
    or what a flow did that it should not. An adapter without operations is held to the laws and errors alone. One
    whose crosswalks cannot be declared has one test, which says so: nothing else of it can be tried.
    """
    if told := "\n".join(_undeclared(adapter)):
        return type("Conformance", (), {"test_crosswalks_are_declared": staticmethod(_failing(told))})
    subject = Subject(adapter, sandbox, switches or {})
    checks = STILL if adapter.operations is None else (*STILL, *FLOWS)
    tests = {f"test_{check.__name__}": _flow(subject, check) for check in checks}
    calm = CALM if examples is None else settings(CALM, max_examples=examples)
    tests |= {**_errors(subject, calm), **_laws(subject, calm)}
    return type("Conformance", (), {name: staticmethod(test) for name, test in tests.items()})


def variants(adapter: Adapter) -> Iterator[Adapter]:
    """Yield an adapter, and it at each version or setting."""
    yield adapter
    yield from (adapter.at(name) for name in adapter.variants)


def _undeclared(adapter: Adapter) -> Iterator[str]:
    """Yield each crosswalk that cannot be declared, with the cause and the line of the adapter where it came up."""
    for name in ("", *adapter.variants):
        where = f"{adapter.name}@{name}" if name else adapter.full_name
        try:
            one = adapter.at(name) if name else adapter
        except Exception as error:  # noqa: BLE001  # an adapter is anybody's code; what it raises is the finding
            yield f"{where} cannot be had: {_caused(error)}"
            continue
        for kind in one.crosswalks:
            try:
                one.crosswalks[kind]
            except Exception as error:  # noqa: BLE001  # see above
                yield f"{where} has no crosswalk of a {kind}: {_caused(error)}"


def _caused(error: Exception) -> str:
    """Return what was raised, and the last line outside leadlens that it went through."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [one for one in frames if not one.filename.startswith(_NOT_THEIRS)]
    place = f" ({theirs[-1].filename}:{theirs[-1].lineno})" if theirs else ""
    return f"{type(error).__name__}: {error}{place}"


def _failing(told: str) -> Callable[[], None]:
    def test() -> None:
        pytest.fail(told, pytrace=False)

    test.__doc__ = "Every crosswalk of the adapter can be declared."
    return test


def distinct(adapters: Iterable[Adapter]) -> Iterator[Any]:
    """Yield each crosswalk with rows of its own, as a parameter of pytest: versions share most of theirs."""
    seen = set()
    for adapter in itertools.chain.from_iterable(map(variants, adapters)):
        for kind, crosswalk in adapter.crosswalks.items():
            told = repr(signature(crosswalk))
            if told not in seen:
                seen.add(told)
                yield pytest.param(crosswalk, id=f"{adapter.full_name}-{kind}")


def signature(part: Any) -> Any:
    """Return what tells the rows of one crosswalk from those of another; sentences for people count for nothing."""
    if isinstance(part, Crosswalk):
        return (part.model.__name__, part.author, signature(part.rows), [call.name for call in part.calls])
    if isinstance(part, Codec):
        return (part.name, json.dumps(part.schema), part.shape, part.key, part.ids, signature(part.record))
    if hasattr(part, "_asdict"):
        told = part._asdict().items()
        return (part.__class__.__name__, [bool(v) if k in _SENTENCES else signature(v) for k, v in told])
    if isinstance(part, tuple):
        return [signature(item) for item in part]
    if isinstance(part, type) or callable(part):
        return getattr(part, "__qualname__", "")
    return repr(part)


def _flow(subject: Subject, check: Check) -> Any:
    def test() -> None:
        found: list[str] = []
        try:
            found += check(subject)
        except LeadlensError as error:
            found.append(f"an error that nobody expected: {type(error).__name__}: {error}")
        assert not found, "\n".join([f"{subject.adapter.title}: {check.__doc__}", *found])

    test.__doc__ = check.__doc__
    return test


def _laws(subject: Subject, calm: settings) -> dict[str, Any]:
    @pytest.mark.parametrize("crosswalk", list(distinct([subject.adapter])))
    def test_laws(crosswalk: Crosswalk) -> None:
        """Every law holds for any value and any wire object."""

        @calm
        @given(it=laws.draws(crosswalk))
        def hold(it: laws.Drawn) -> None:
            for name in laws.LAWS:
                laws.demand(name, crosswalk, it)

        told = [str(evidence) for evidence in _of_singles(crosswalk) if not evidence.ok][:1]
        if not told:
            try:
                hold()
            except BrokenError as broken:
                told = [str(broken.simplest)]
        if told:
            pytest.fail(told[0], pytrace=False)

    return {"test_laws": test_laws}


def _of_singles(crosswalk: Crosswalk) -> Iterator[Evidence]:
    """Yield what holds of each plain attribute alone: chance tries it seldom where there are many."""
    for value in singles(crosswalk):
        for law in (laws.round_trip, laws.settled, laws.no_silent_loss):
            yield law(crosswalk, value)


def _errors(subject: Subject, calm: settings) -> dict[str, Any]:
    @calm
    @given(errors.replies())
    def test_any_reply_is_judged(reply: Any) -> None:
        """Any reply is done, refused or unknown; nothing of it is shown, and nothing raises."""
        assert (told := errors.misjudged(subject.adapter, reply)) is None, told

    return {"test_any_reply_is_judged": test_any_reply_is_judged}
