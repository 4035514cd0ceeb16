"""Finding adapters by name."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from importlib.metadata import EntryPoint, EntryPoints

import pytest

from leadlens import registry
from leadlens.adapter import KINDS, Adapter
from leadlens.errors import UnknownAdapterError, UsageError

VARIANTS = ["copper", "zoho", "base", "copper@month-first", "copper@day-first"] + [
    f"zoho@{version}" for version in ("v2", "v2.1", "v3", "v4", "v5", "v6", "v7", "v8")
]


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    registry.get.cache_clear()
    yield
    registry.get.cache_clear()


def test_the_installed_adapters_are_listed() -> None:
    """The three adapters that come with leadlens are found by their entry points, sorted."""
    assert registry.names() == tuple(sorted(registry.names()))
    assert {"base", "copper", "zoho"} <= set(registry.names())


@pytest.mark.parametrize("name", VARIANTS)
def test_every_adapter_has_every_kind(name: str) -> None:
    """Each adapter, at each version, has a crosswalk for every kind; the same name gives the same object."""
    adapter = registry.get(name)
    assert isinstance(adapter, Adapter)
    assert adapter.name == name.partition("@")[0]
    assert set(KINDS) <= set(adapter.crosswalks)
    assert registry.get(name) is adapter
    if "@" in name:
        assert adapter.variant == name.partition("@")[2]


def test_v8_is_zohos_default() -> None:
    """Zoho without a version is v8."""
    assert registry.get("zoho").variant == registry.get("zoho@v8").variant == "v8"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("coper", "did you mean 'copper'"),
        ("Copper", "did you mean 'copper'"),
        ("ZOHO", "did you mean 'zoho'"),
        ("zohoo@v2", "did you mean 'zoho'"),
        ("salesforce", "there are base, copper, zoho"),
        ("", "there are base"),
        ("@v2", "there are base"),
        ("../copper", "did you mean 'copper'"),
        ("copper.errors", "did you mean 'copper'"),
        ("__init__", "there are base"),
    ],
)
def test_an_unknown_name_is_refused_with_a_hint(name: str, hint: str) -> None:
    """An unknown name says which one is meant, or which there are."""
    with pytest.raises(UnknownAdapterError, match=hint):
        registry.get(name)


@pytest.mark.parametrize("name", ["zoho@v9", "zoho@", "zoho@v2 ", "zoho@v2@v3", "base@v2", "copper@first"])
def test_an_unknown_variant_is_refused(name: str) -> None:
    """An unknown version or setting says which there are; an empty one is none."""
    with pytest.raises(UsageError, match=r"; there are (v2|no variants|month-first)"):
        registry.get(name)


def test_an_unknown_kind_is_refused() -> None:
    """An adapter asked for a kind that it does not have says which it has."""
    with pytest.raises(UsageError, match="there is no kind 'leads'; there are lead, contact"):
        registry.get("base").crosswalk("leads")


# --- other people's packages -----------------------------------------------------------------------------------------


def install(monkeypatch: pytest.MonkeyPatch, name: str, **attributes: object) -> None:
    """Put a module into the running interpreter, as if it were installed."""
    module = types.ModuleType(name)
    module.__spec__ = ModuleSpec(name, None)
    for key, value in attributes.items():
        setattr(module, key, value)
    monkeypatch.setitem(sys.modules, name, module)


def enter(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """Add an entry point."""
    entries = EntryPoints((*registry._entries(), EntryPoint(name, value, registry.GROUP)))
    monkeypatch.setattr(registry, "_entries", lambda: entries)


def test_a_package_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package leadlens_NAME is the adapter of that name, before any entry point is read."""
    install(monkeypatch, "leadlens_acme", ADAPTER=registry.get("base"))
    monkeypatch.setattr(registry, "_entries", pytest.fail)
    assert registry.get("acme") is registry.get("base")


def test_an_entry_point_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package of another name announces its adapter by an entry point."""
    install(monkeypatch, "their_crm", THEIRS=registry.get("base"))
    enter(monkeypatch, "acme", "their_crm:THEIRS")
    assert registry.get("acme") is registry.get("base")
    assert "acme" in registry.names()
    with pytest.raises(UnknownAdapterError, match="did you mean 'acme'"):
        registry.get("acne")


@pytest.mark.parametrize("attributes", [{}, {"ADAPTER": None}, {"ADAPTER": "base"}, {"ADAPTER": Adapter}])
def test_what_is_no_adapter_is_refused(monkeypatch: pytest.MonkeyPatch, attributes: dict[str, object]) -> None:
    """A package of the right name that exports no adapter is refused, never an attribute error."""
    install(monkeypatch, "leadlens_acme", **attributes)
    with pytest.raises(UnknownAdapterError, match="what is installed as 'acme' is no leadlens adapter"):
        registry.get("acme")


def test_an_entry_point_to_something_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry point that leads to no adapter is refused."""
    install(monkeypatch, "their_crm", THEIRS=dict)
    enter(monkeypatch, "acme", "their_crm:THEIRS")
    with pytest.raises(UnknownAdapterError, match="no leadlens adapter"):
        registry.get("acme")
