"""Writes the skeleton of an adapter: a distribution of its own that installs, and whose tests pass."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from leadlens.errors import UsageError


def skeleton(name: str, title: str) -> Mapping[str, str]:
    """Return the files of a new adapter by their paths in the distribution.

    Raises :class:`UsageError` for a name that cannot be that of a package.
    """
    if not re.fullmatch("[a-z][a-z0-9]{1,30}", name):
        raise UsageError(f"{name!r}: the name of an adapter is lower-case letters and digits, such as 'acme'")
    if not title.isprintable() or not title.strip() or set(title) & set("\"'\\{}"):
        raise UsageError("--title: give the name of the CRM as people write it, without quotation marks")
    return {
        path.replace("package/", f"leadlens_{name}/").replace("NAME", name).removesuffix(".txt"): text.replace(
            "NAME", name
        ).replace("TITLE", title)
        for path, text in _templates(files("leadlens") / "templates" / "adapter", "")
    } | {f"leadlens_{name}/py.typed": ""}


def _templates(folder: Traversable, at: str) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.is_dir():
            yield from _templates(entry, f"{at}{entry.name}/")
        elif entry.name.endswith(".txt"):
            yield f"{at}{entry.name}", entry.read_text(encoding="utf-8")


def write(name: str, title: str, folder: Path) -> list[Path]:
    """Write the skeleton into a folder that is not there yet; return its files."""
    made = skeleton(name, title)
    if folder.exists():
        raise UsageError(f"{folder} is there already; name another folder, so that nothing is written over")
    paths = []
    for path, text in made.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        paths.append(place)
    return paths
