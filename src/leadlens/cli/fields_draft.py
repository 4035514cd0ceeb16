"""``leadlens fields draft``."""

from __future__ import annotations

from pathlib import Path

import click

from leadlens.catalogue import Catalogue
from leadlens.catalogue_file import read_catalogue
from leadlens.cli.account import connected, with_sandbox
from leadlens.customfields.reading import text_of
from leadlens.errors import UsageError
from leadlens.tenant.proposing import Samples
from leadlens.tenant.sampling import sampled


@click.command("draft")
@click.argument("accounts", nargs=-1, metavar="[SOURCE] [TARGET]")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write the draft there, and beside it the schema by which editors complete it; decisions in it stay.",
)
@click.option("--html", "page", metavar="FILE", help="Also write a page to review the draft on, and to sign.")
@click.option("--source-catalogue", metavar="FILE", help="The source's fields as `leadlens fields -o` saved them.")
@click.option("--target-catalogue", metavar="FILE", help="The target's fields as `leadlens fields -o` saved them.")
@click.option(
    "--samples",
    default=0,
    metavar="N",
    type=click.IntRange(0, 50),
    help="Show up to N values of each field. They are personal data: mind who gets the file and the page.",
)
@with_sandbox
def draft(
    accounts: tuple[str, ...],
    output: str | None,
    page: str | None,
    source_catalogue: str | None,
    target_catalogue: str | None,
    samples: int,
    sandbox: str | None,
) -> None:  # fmt: skip
    """Propose what goes where between two accounts: fields, options, users, stages, statuses, sources.

    SOURCE and TARGET are accounts; one whose catalogue is given as a file is not named. Each proposal has a score and
    a reason; doubtful ones are marked and stand on top. Drafting into the same FILE again keeps every decision and
    comment.
    """
    from leadlens.customfields.schema import mapping_schema
    from leadlens.decoding import dumps
    from leadlens.tenant.draft import check_installed, drafted, save
    from leadlens.tenant.drafting import SCHEMA_FILE

    names = _names(accounts, source_catalogue, target_catalogue)
    check_installed()
    source, seen = _account(names[0], source_catalogue, sandbox, samples)
    target, theirs = _account(names[1], target_catalogue, sandbox, samples)
    file = Path(output or "mapping.toml").name
    done = drafted(source, target, old=_old(output), file=file, seen=seen, theirs=theirs, shown=samples > 0)
    if output is None:
        click.echo(done.text, nl=False)
    else:
        save(Path(output), done.text)
        save(Path(output).parent / SCHEMA_FILE, dumps(mapping_schema(), indent=True).decode() + "\n")
        click.echo(done.summary(output), err=True)
    if page is not None:
        from leadlens.tenant.review_page import review_page

        save(Path(page), review_page(done.mapping, done.seen))


def _names(accounts: tuple[str, ...], *files: str | None) -> tuple[str | None, str | None]:
    """Return the two accounts' names, None for one that a file stands for."""
    left = list(accounts)
    if len(left) != files.count(None):
        wanted = {0: "no account", 1: "one account", 2: "two accounts, SOURCE and TARGET"}[files.count(None)]
        raise UsageError(f"with these catalogues name {wanted}")
    first, second = (left.pop(0) if file is None else None for file in files)
    return first, second


def _account(
    name: str | None, file: str | None, sandbox: str | None, samples: int
) -> tuple[Catalogue, Samples]:  # fmt: skip
    """Return an account's catalogue, and the values seen in its records if they are asked for."""
    if name is None:
        return read_catalogue(file or ""), {}
    with connected(name, sandbox) as client:
        catalogue = client.catalogue()
        return catalogue, sampled(client, catalogue, samples) if samples else {}


def _old(output: str | None) -> str | None:
    path = Path(output) if output is not None else None
    return text_of(path) if path is not None and path.exists() else None
