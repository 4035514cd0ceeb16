"""``leadlens init``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from leadlens import registry
from leadlens.accounts import FILE
from leadlens.errors import UsageError

_HEAD = """# The accounts that leadlens knows. No secret belongs in this file: a secret is
#   { env = "NAME" }      in the environment variable NAME, or
#   { keyring = "NAME" }  in the system's keyring, under the service "leadlens".
# A secret that is not named here is looked for in LEADLENS_<ACCOUNT>_<OPTION>, then in the keyring.
"""


@click.command()
@click.argument("file", default=FILE, type=click.Path(dir_okay=False, path_type=Path))
def command(file: Path) -> None:
    """Write a commented example of leadlens.toml. An existing file is never touched."""
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise UsageError(f"{file} is there already; it stays as it is") from None
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(example())
    click.echo(f"{file} is written: fill in an account, then try leadlens doctor ACCOUNT.")


def example() -> str:
    """Return the example: every option of every installed CRM, as comments."""
    parts = [_HEAD]
    for name in registry.names():
        adapter = registry.get(name)
        if adapter.access is None:
            continue
        lines = [f"\n# [accounts.my-{name}]", f'# vendor = "{name}"']
        for option in adapter.access().options:
            value = (
                f'{{ env = "{name.upper()}_{option.name.upper()}" }}' if option.secret else f'"{option.default or ""}"'
            )
            lines.append(f"# {option.name} = {value}   # {option.sentence}")
        parts.append("\n".join(lines) + "\n")
    return "".join(parts)
