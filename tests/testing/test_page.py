"""The page about testing is true: its examples run, and what it lists is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from leadlens.testing import laws, strategies

pytest_plugins = ["pytester"]
PAGE = (Path(__file__).parent.parent.parent / "docs/testing.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the examples in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("source", blocks("python"))
def test_examples_run(source: str) -> None:
    """Every example runs, its asserts included."""
    exec(compile(source, "testing.md", "exec"), {})


@pytest.mark.parametrize("number", range(len(blocks("python test"))))
def test_tests_pass(number: int, pytester: pytest.Pytester) -> None:
    """Every example of a test passes; of the adapter's suite one part is run here, all of it in tests/adapters."""
    pytester.makepyfile(blocks("python test")[number])
    ran = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-k", "once or secrets")
    assert ran.parseoutcomes().items() >= {"passed": 1}.items()
    assert ran.ret == 0


def test_every_name_is_there() -> None:
    """Every law and strategy that the page names exists."""
    named = re.findall(r"^\| (`.*?`) \|| `(\w+)`", PAGE, re.MULTILINE)
    words = {word for pair in named for text in pair for word in re.findall(r"(\w+)(?=[`(])", text)}
    there = {*vars(laws), *strategies.__all__}
    assert {
        word for word in words if word.startswith(("no_", "round", "settled", "wire_", "put_", "unknown_"))
    } <= there
    assert set(re.findall(r"`(\w+)\((?:vendor[^)]*)?\)`", PAGE)) - {"str"} <= there
