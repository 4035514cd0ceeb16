"""``leadlens migrate``: plan, apply, verify, review, report, undo."""

from __future__ import annotations

import contextlib
import datetime as dt
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import click

from leadlens.cli.account import as_json_option, connected_to
from leadlens.cli.migrate_screen import Screen, time_left
from leadlens.cli.output import console, read_bytes, table, wants_json, write_json
from leadlens.customfields.reading import text_of
from leadlens.decoding import dumps, loads
from leadlens.errors import UsageError
from leadlens.files import replace
from leadlens.ids import parse_ids
from leadlens.migrate import plan as plans
from leadlens.migrate import report as reports
from leadlens.migrate import review as reviews
from leadlens.migrate import runner, undo
from leadlens.migrate.agreeing import check_mapping
from leadlens.migrate.archive import Archive
from leadlens.migrate.book import Book
from leadlens.migrate.choosing import Only
from leadlens.migrate.hand import Hand
from leadlens.migrate.origin import Bundle, KeptOrigin, LiveOrigin, Origin
from leadlens.migrate.work import Work

_FILE = click.Path(dir_okay=False, path_type=Path)
_LEDGER = "leadlens-migration.ledger"
_REVIEW = 3


def _box(name: str, text: str) -> Any:
    return click.option(name, is_flag=False, flag_value=":memory:", metavar="[FILE|URL]", help=text)


def _boxes(command: Any) -> Any:
    """Add the options that put an emulated account in place of a real one."""
    for name, text in (
        ("--target-sandbox", "Use an emulated target: in memory, in a FILE, or at a URL."),
        ("--source-sandbox", "Use an emulated source."),
        ("--sandbox", "Use one sandbox for both accounts."),
    ):
        command = _box(name, text)(command)
    return command


@click.group()
def command() -> None:
    """Move the conversions of one account to another: plan, apply, verify, report."""


@contextlib.contextmanager
def _ends(source: str, target: str, boxes: Mapping[str, str | None]) -> Iterator[tuple[Origin, str, Hand]]:
    """Give the source (an account, or the folder of an archive), its label, and the target.

    Accounts are emulated where that was asked for; one sandbox is opened once.
    """
    both = boxes["sandbox"]
    here, there = boxes["source_sandbox"] or both, boxes["target_sandbox"] or both
    if Path(source).is_dir():
        kept = Archive(source)
        with connected_to([(target, there)]) as (only,):
            yield KeptOrigin(kept), f"archive of {kept.adapter.name}", Hand(only)
        return
    with connected_to([(source, here), (target, there)]) as (first, second):
        origin = LiveOrigin(Hand(first))
        yield origin, plans.label(origin.hand, source), Hand(second)


# --- plan ------------------------------------------------------------------------------------------------------------


@command.command()
@click.argument("source")
@click.argument("target")
@click.option("-o", "--output", type=_FILE, default=Path("plan.json"), show_default=True, help="Where the plan goes.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only conversions from this day on.")
@click.option("--only", multiple=True, metavar="LEAD_ID|KIND.FIELD=VALUE", help="Only these, all conditions at once.")
@click.option("--ids", "ids_file", metavar="FILE", help="An id map: space → source id or name → target id.")
@click.option("--mapping", metavar="FILE", help="A mapping file: own fields, options, users, stages.")
@click.option("--default", "defaults", multiple=True, metavar="PATH=VALUE", help="What stands in where it is required.")
@click.option("--key", metavar="FIELD[:number]", help="The field of the target's leads that holds our id.")
@click.option("--external", multiple=True, metavar="KIND=FIELD[:number]", help="Where the target keeps source ids.")
@click.option("--no-remember", is_flag=True, help="Put no tags on records to remember when and by whom.")
@click.option("--max-credits", type=int, help="Spend no more than this; apply keeps it.")
@click.option("--ledger", type=_FILE, help="The ledger of earlier runs: what it has is moved again only if it changed.")
@_boxes
@as_json_option
def plan(source: str, target: str, output: Path, as_json: bool, **options: Any) -> None:
    """Say what would become of every conversion of SOURCE in TARGET. Nothing is written to the target."""
    mapping = None if options["mapping"] is None else Path(options["mapping"])
    rules = plans.Rules(
        mapping=None if mapping is None else text_of(mapping),
        mapping_file="mapping.toml" if mapping is None else mapping.name,
        ids={} if options["ids_file"] is None else parse_ids(loads(read_bytes(options["ids_file"]))),
        defaults=dict(_pair(text, "--default") for text in options["defaults"]),
        key=options["key"],
        external=dict(_pair(text, "--external") for text in options["external"]),
        remember=not options["no_remember"],
        max_credits=options["max_credits"],
    )
    since = options["since"] and options["since"].replace(tzinfo=dt.UTC)
    only = Only.of(options["only"])
    with _ends(source, target, options) as (origin, name, there):
        check_mapping(rules, there, origin)
        known = _known(options["ledger"] or output.parent / _LEDGER)
        made = plans.make(
            origin,
            there,
            source=name,
            goal=plans.label(there, target),
            rules=rules,
            since=since,
            only=only,
            known=known,
        )
    made = {**made, "accounts": {"source": source, "target": target}}
    made["hash"] = plans.digest(made)
    replace(output, plans.written(made))
    _show_plan(made, output, as_json=as_json)


def _pair(text: str, option: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"{option} {text}: give NAME=VALUE")
    return name, value


def _known(ledger: Path) -> dict[str, str]:
    """Return what earlier runs have migrated, and what it was."""
    if not ledger.exists():
        return {}
    book = Book(ledger)
    try:
        rows = [row for row in book.store.rows("item") if row["state"] == "verified"]
        return {row["op_id"]: Bundle.of_json(book.document(row["op_id"], "source")).digest for row in rows}
    finally:
        book.close()


def _show_plan(made: Mapping[str, Any], output: Path, *, as_json: bool) -> None:
    if wants_json(as_json):
        write_json({key: value for key, value in made.items() if key not in ("items", "rules")})
        return
    screen = console()
    rows = [(decision, str(number)) for decision, number in made["counts"].items()]
    screen.print(table(f"{sum(made['counts'].values())} conversions:", ("decision", "how many"), rows))
    lost = [(x["level"], x["path"], x["reason"], str(x["count"]), x["detail"]) for x in made["losses"]]
    screen.print(table("What is lost:", ("", "field", "reason", "of", "why"), lost))
    for space, names in made["unmatched"].items():
        screen.print(f"{space} without a counterpart: {', '.join(names)}")
    for one in made["missing"]:
        screen.print(f"required and missing: {one['path']} ({one['count']})")
    screen.print(f"{made['calls']} calls, about {time_left(made['seconds'])}, {made['credits']} credits")
    screen.print(f"The plan is in {output}. Look at it, then: leadlens migrate apply {output}")


# --- apply -----------------------------------------------------------------------------------------------------------


@attrs.frozen
class _Open:
    """A plan, its ledger, and both accounts."""

    plan: Mapping[str, Any]
    book: Book
    origin: Origin
    target: Hand

    @property
    def work(self) -> Work:
        """What the moves of its items need."""
        return runner.work(self.book, self.plan, self.origin, self.target)


@contextlib.contextmanager
def _opened(file: Path, ledger: Path | None, boxes: Mapping[str, str | None]) -> Iterator[_Open]:
    """Open a plan with its ledger and accounts; refuses what does not belong together."""
    made = plans.load(file)
    names = made["accounts"]
    with _ends(names["source"], names["target"], boxes) as (origin, name, there):
        plans.check_accounts(made, name, plans.label(there, names["target"]))
        book = Book(ledger or file.parent / _LEDGER)
        try:
            runner.open_run(book, made, there.wall())
            yield _Open(made, book, origin, there)
        finally:
            book.close()


_ledger_option = click.option("--ledger", type=_FILE, help=f"The ledger; {_LEDGER} beside the plan by default.")
_plan_argument = click.argument("file", metavar="PLAN", type=_FILE)


@command.command()
@_plan_argument
@_ledger_option
@click.option("--limit", type=click.IntRange(1), help="Move so many conversions only: a sample first.")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="At most so many writes a minute.")
@click.option("--dry-run", is_flag=True, help="Show what would be moved, and send nothing.")
@_boxes
@as_json_option
def apply(
    file: Path, ledger: Path | None, limit: int | None, rate: float | None, dry_run: bool, as_json: bool, **boxes: Any
) -> int:
    """Carry PLAN out; the same command again goes on where it was. Ctrl-C stops between two writes."""
    if dry_run:
        made = plans.load(file)
        number = sum(item["decision"] not in ("skip", "review") for item in made["items"])
        write_json(
            {
                "would_move": number if limit is None else min(number, limit),
                "counts": made["counts"],
                "calls": made["calls"],
                "sent": 0,
            }
        )
        return 0
    with _opened(file, ledger, boxes) as opened, _interruptible() as stopped:
        check_mapping(plans.rules_of(opened.plan), opened.target)
        screen = Screen(quiet=wants_json(as_json))
        going = runner.Runner(opened.work, limit=limit, stop=stopped, told=screen, rate=rate)
        done = going.run()
        screen.end()
        summary = {"counts": done.counts, "done": done.done, "of": done.total, "stopped": stopped()}
        lost = reports.losses(opened.book, opened.book.each())
        if wants_json(as_json):
            write_json({**summary, "losses": lost})
        else:
            _show_counts(summary)
    return _code(done.counts)


def _code(counts: Mapping[Any, int]) -> int:
    return _REVIEW if counts.get("review") or counts.get("rejected") else 0


@contextlib.contextmanager
def _interruptible() -> Iterator[Any]:
    """Let Ctrl-C and SIGTERM stop a run between two writes; a second one ends it at once."""
    told: list[int] = []

    def stop(number: int, _: Any) -> None:
        if told:
            raise KeyboardInterrupt
        told.append(number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(told)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _show_counts(summary: Mapping[str, Any]) -> None:
    rows = [(state, str(number)) for state, number in summary["counts"].items()]
    screen = console()
    screen.print(table(f"{summary['done']} of {summary['of']} conversions are done.", ("state", "how many"), rows))
    if summary["stopped"]:
        screen.print("Stopped; the same command goes on.")


# --- verify ----------------------------------------------------------------------------------------------------------


@command.command()
@_plan_argument
@_ledger_option
@click.option("--sample", type=click.IntRange(1), help="Compare the fields of so many conversions only.")
@_boxes
@as_json_option
def verify(file: Path, ledger: Path | None, sample: int | None, as_json: bool, **boxes: Any) -> int:
    """Read back what TARGET has: counts, relationships, then every field. Exit code 3 where something is wrong."""
    with _opened(file, ledger, boxes) as opened:
        found = runner.verify(opened.work, sample=sample)
    if wants_json(as_json):
        write_json(found)
    else:
        screen = console()
        screen.print(
            f"{found['agree']} of {found['conversions']} conversions agree; {found['declared']} declared losses."
        )
        rows = [(one["lead"], one["path"], one["sentence"]) for one in found["faults"]]
        screen.print(table(f"{len(rows)} faults", ("lead", "where", "what"), rows) if rows else "No faults.")
    return _REVIEW if found["faults"] or found["open"] else 0


# --- review ----------------------------------------------------------------------------------------------------------


@command.command()
@_plan_argument
@_ledger_option
@click.option("--retry", multiple=True, metavar="OP", help="Let it go on from where it surely was. Repeatable.")
@click.option("--skip", multiple=True, metavar="OP", help="Leave it out for good, with --reason. Repeatable.")
@click.option("--accept", multiple=True, metavar="OP", help="Accept what differs, with --reason. Repeatable.")
@click.option("--link", metavar="OP", help="Say what it became, with --to KIND=ID.")
@click.option("--to", multiple=True, metavar="KIND=ID", help="A record of the target, for --link. Repeatable.")
@click.option("--reason", default="", help="Why.")
@click.option("--export", type=_FILE, help="Write what was rejected, with its originals, to be edited.")
@click.option("--replay", type=_FILE, help="Take the edited originals back.")
@_boxes
@as_json_option
def review(file: Path, ledger: Path | None, as_json: bool, **options: Any) -> int:
    """List what waits for a decision, and take decisions; apply then goes on with them."""
    with _opened(file, ledger, options) as opened:
        _decide(opened, options)
        left = reviews.queue(opened.book)
    if options["export"]:
        replace(options["export"], b"".join(dumps(one) + b"\n" for one in left))
    if wants_json(as_json):
        write_json(left if options["export"] is None else [])
    else:
        rows = [(one["op_id"], one["lead"], one["reason"] or "", one["suggestion"]) for one in left]
        console().print(table(f"{len(rows)} to decide", ("op", "lead", "why", "what to do"), rows))
    return _REVIEW if left else 0


def _decide(opened: _Open, options: Mapping[str, Any]) -> None:
    for op_id in options["retry"]:
        reviews.retry(opened.book, op_id)
    for op_id in options["skip"]:
        reviews.skip(opened.book, op_id, options["reason"])
    for op_id in options["accept"]:
        reviews.accept(opened.book, op_id, options["reason"])
    if options["link"]:
        reviews.link_to(opened.work, options["link"], dict(_pair(text, "--to") for text in options["to"]))
    if options["replay"]:
        lines = read_bytes(str(options["replay"])).splitlines()
        reviews.replay(opened.work, [loads(line) for line in lines if line.strip()])


# --- report, undo ----------------------------------------------------------------------------------------------------


@command.command()
@_plan_argument
@_ledger_option
@click.option("--html", type=_FILE, help="Write the page here.")
@click.option("--csv", type=_FILE, help="Write the id crosswalk here, as CSV.")
@_boxes
def report(file: Path, ledger: Path | None, html: Path | None, csv: Path | None, **boxes: Any) -> None:
    """Say what was planned, done, lost and left; the JSON goes to standard output."""
    with _opened(file, ledger, boxes) as opened:
        found = reports.report(opened.book, opened.plan)
    if html is not None:
        from leadlens.migrate.report_page import page

        replace(html, page(found).encode())
    if csv is not None:
        replace(csv, reports.as_csv(found["crosswalk"]).encode())
    if html is None and csv is None:
        write_json(found)


@command.command("undo")
@_plan_argument
@_ledger_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@_boxes
@as_json_option
def undo_command(file: Path, ledger: Path | None, yes: bool, as_json: bool, **boxes: Any) -> None:
    """Remove from the target what this run created, and nothing else; asks first."""
    with _opened(file, ledger, boxes) as opened:
        rows = undo.candidates(opened.book)
        if not yes:
            click.confirm(f"Remove {len(rows)} records that this run created in {opened.plan['target']}?", abort=True)
        done = undo.undo(opened.book, opened.target, rows)
    if wants_json(as_json):
        write_json([attrs.asdict(one) for one in done])
    else:
        lines = [(one.kind, one.id, one.outcome, one.why) for one in done]
        console().print(table("Undone", ("kind", "id", "outcome", "why"), lines))
