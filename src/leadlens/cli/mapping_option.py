"""The option ``--mapping``, for commands that translate, convert or upsert."""

from __future__ import annotations

from typing import Any

import click


def _mapping(_: click.Context, __: click.Parameter, file: str | None) -> Any:
    if file is None:
        return None
    from leadlens.customfields.reading import read_mapping

    return read_mapping(file)


with_mapping = click.option(
    "--mapping",
    metavar="FILE",
    callback=_mapping,
    help="What goes where between two accounts (TOML); what is given speaks of the one that it leads from.",
)
