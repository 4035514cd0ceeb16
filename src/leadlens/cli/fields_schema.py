"""``leadlens fields schema``."""

from __future__ import annotations

import click

from leadlens.cli.output import write_json
from leadlens.customfields.schema import mapping_schema


@click.command("schema")
def schema() -> None:
    """Print the JSON Schema of mapping files, for editors that complete and check TOML."""
    write_json(mapping_schema())
