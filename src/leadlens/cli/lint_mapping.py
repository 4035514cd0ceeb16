"""``leadlens lint mapping.toml``."""

from __future__ import annotations

from pathlib import Path

import click

from leadlens.cli.account import connected
from leadlens.cli.output import console, table, wants_json, write_json
from leadlens.customfields.changes import changes
from leadlens.customfields.checking import findings, unmade
from leadlens.customfields.mapping import AccountMapping
from leadlens.customfields.reading import read_mapping
from leadlens.errors import MappingError, UsageError
from leadlens.tenant.creating import New, check, wanted
from leadlens.tenant.creating import make as create
from leadlens.tenant.trial import Trial, tried
from leadlens.translation import ends_of

FOUND = 2
STOPPED = 3


def lint_mapping(
    file: Path, *, source: str | None, target: str | None, sample: int, make: bool, yes: bool, sandbox: str | None,
    as_json: bool,
) -> int:  # fmt: skip
    """Check a mapping; return the exit code: 0, 2 where something was found, 3 where the making was stopped."""
    if sandbox is not None and source is None and target is None:
        raise UsageError("--sandbox needs --source or --target: which account to look at")
    if make and target is None:
        raise UsageError("--create needs --target ACCOUNT: where to make the fields")
    try:
        mapping = read_mapping(file)
        ends_of(mapping)
    except MappingError as error:
        _tell(file, list(error.problems), (), as_json=as_json)
        return FOUND
    if make and not list(findings(mapping)) and wanted(mapping):
        if not _make(mapping, file, target or "", sandbox, yes=yes):
            return STOPPED
        mapping = read_mapping(file)
    found = [*findings(mapping), *unmade(mapping), *_live(mapping, source, target, sandbox)]
    trials = _trials(mapping, source, sandbox, sample) if not found else ()
    _tell(file, found, trials, as_json=as_json)
    return FOUND if found else 0


def _make(mapping: AccountMapping, file: Path, target: str, sandbox: str | None, *, yes: bool) -> bool:
    """Show what would be made in the target, ask, and make it; tell whether all of it was made."""
    new = wanted(mapping)
    with connected(target, sandbox) as client:
        check(mapping, client)
        console(error=True).print(table(f"New in {target}:", ("of", "name", "type", "options"), map(_row, new)))
        if not yes:
            click.confirm(f"Make {'it' if len(new) == 1 else f'these {len(new)}'} in {target}?", abort=True, err=True)
        left = list(new)
        try:
            for one in create(mapping, file, client):
                left.pop(0)
                click.echo(f"made {one}", err=True)
        except KeyboardInterrupt:
            told = f"whether {left[0]} is there is unknown, and the same command tells" if left else "all is made"
            click.echo(f"stopped: what was made before stands in {file.name}; {told}", err=True)
            return False
    return True


def _row(new: New) -> tuple[str, str, str, str]:
    one = new.definition
    if new.option is not None:
        return one.kind, one.name, "is there", f"also {new.option}"
    return one.kind, one.name, one.type.replace("_", " "), ", ".join(option.name for option in one.options)


def _live(mapping: AccountMapping, source: str | None, target: str | None, sandbox: str | None) -> list[str]:
    found: list[str] = []
    ends = ends_of(mapping)
    for name, which in ((source, "source"), (target, "target")):
        if name is not None:
            with connected(name, sandbox) as client:
                found += changes(mapping, which, client.catalogue(), *ends)
    return found


def _trials(mapping: AccountMapping, source: str | None, sandbox: str | None, sample: int) -> tuple[Trial, ...]:
    if source is None or not sample:
        return ()
    with connected(source, sandbox) as client:
        return tuple(tried(mapping, client, sample))


def _tell(file: Path, found: list[str], trials: tuple[Trial, ...], *, as_json: bool) -> None:
    if wants_json(as_json):
        write_json({"mapping": file.name, "problems": found, "trials": [trial.to_json() for trial in trials]})
        return
    for line in found:
        click.echo(line)
    for trial in trials:
        rows = [(str(line.count), line.level, line.field, line.detail) for line in trial.lines]
        title = f"{trial.kind}: {trial.records} records translated, {trial.whole} of them without any loss"
        console().print(table(title, ("records", "", "field", "what happens"), rows))
    click.echo(f"{file.name}: {len(found)} problems")
