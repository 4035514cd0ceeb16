"""How much memory a migration takes as it grows: ``python -m tests.bench.migrating_memory --conversions N``.

The conversions of a source that makes them up one by one are planned, applied and verified in this process; the
emulated account is a server in another one, so that what it keeps is not counted. Told is the most memory that this
process had (its resident set) when each part was done.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs

from leadlens import registry
from leadlens.adapter import Adapter
from leadlens.catalogue import Catalogue, Choice
from leadlens.connecting import connect
from leadlens.conversion import Conversion, Created, NoRecord
from leadlens.files import replace
from leadlens.migrate import plan as plans
from leadlens.migrate import runner
from leadlens.migrate.book import Book
from leadlens.migrate.hand import Hand
from leadlens.migrate.origin import Bundle
from leadlens.model import Company, Contact, Deal, Email, Lead, Money, PersonName, Ref

SERVER = """
import sys
from leadlens import Sandbox
from leadlens.emulation.clock import RealClock
from leadlens.sandbox.server import serving
with Sandbox(7, data="empty", vendors=[sys.argv[1]], clock=RealClock()) as box, serving(box) as url:
    print(url, flush=True)
    sys.stdin.read()
"""
SECRETS = {"zoho": "access_token", "base": "token"}
FIRST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@attrs.frozen
class MadeUp:
    """A source of so many conversions, each made when it is asked for; every other one has a deal."""

    number: int
    adapter: Adapter = attrs.field(factory=lambda: registry.get("base"))

    def conversions(self, since: dt.datetime | None = None) -> Iterator[Conversion]:
        """Yield them, newest first."""
        return (bundle_of(at).conversion for at in reversed(range(self.number)))

    def expect(self, conversions: Sequence[Conversion]) -> None:
        """Do nothing: there is nothing to read."""

    def bundle(self, made: Conversion) -> Bundle:
        """Return a conversion with its records."""
        return bundle_of(int(made.id or 0) - 1)

    def choices(self, kind: str) -> tuple[Choice, ...]:
        """Return that there is nothing to point to."""
        return ()

    def catalogue(self) -> Catalogue:
        """Tell of no fields: no mapping is used."""
        raise NotImplementedError

    def left_behind(self) -> dict[str, int | None]:
        """Return that there is nothing else."""
        return {}


def bundle_of(at: int) -> Bundle:
    """Return the conversion of a number: records of about the size that people have."""
    company = Company(id=str(900_000_000 + at), name=f"Firm {at} GmbH")
    name, mails = (
        PersonName(first="Ada", last=f"Person{at}"),
        (Email(address=f"ada{at}@made.example", category="work"),),
    )
    ref, text = Ref(company.id, company.name), f"Met at the fair of {2000 + at % 20}, asked for an offer by the summer."
    contact = Contact(id=str(500_000_000 + at), name=name, emails=mails, company=ref, description=text)
    lead = Lead(id=str(100_000_000 + at), name=name, emails=mails, company_name=company.name, description=text)
    day, worth = dt.date(2026, 5, 1), Money(str(1_000 + at))
    deal = Deal(id=str(700_000_000 + at), name=f"Oven {at}", value=worth, close_date=day, contact=Ref(contact.id))
    made = Conversion(
        id=str(at + 1), lead_id=lead.id, contact=Created(record=Contact(id=contact.id)),
        company=Created(record=Company(id=company.id)), converted_by=Ref("7"),
        deal=Created(record=Deal(id=deal.id)) if at % 2 else NoRecord(),
        converted_at=FIRST + dt.timedelta(minutes=at),
    )  # fmt: skip
    return Bundle(conversion=made, lead=lead, contact=contact, company=company, deal=deal if at % 2 else None)


def peak() -> float:
    """Return the most memory that this process has had, in MB."""
    unit = 1 if sys.platform == "darwin" else 1_024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def measured(vendor: str, number: int) -> Iterator[tuple[str, float]]:
    """Plan, apply, open again and verify so many conversions; yield what the memory came to after each."""
    yield "before", peak()
    with (
        subprocess.Popen(
            [sys.executable, "-c", SERVER, vendor], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        assert server.stdout is not None
        try:
            url = f"{server.stdout.readline().strip()}/{vendor}"
            options: Any = {"base_url": url, SECRETS[vendor]: "sandbox"}
            with connect(vendor, **options) as there:
                yield from _parts(MadeUp(number), Hand(there), Path(folder))
        finally:
            server.terminate()


def _parts(origin: Any, target: Hand, folder: Path) -> Iterator[tuple[str, float]]:
    rules = plans.Rules(defaults={"deal.stage": "Qualification", "deal.pipeline": "Standard (Standard)"})
    goal = plans.label(target, target.adapter.name)
    made = plans.make(origin, target, source="made up", goal=goal, rules=rules)
    replace(folder / "plan.json", plans.written(made))
    yield "planned", peak()
    del made
    plan = plans.load(folder / "plan.json")
    for part in ("applied", "opened again and verified"):
        book = Book(folder / "ledger.db")
        runner.open_run(book, plan, target.wall())
        work = runner.work(book, plan, origin, target)
        if part == "applied":
            done = runner.Runner(work).run()
            assert done.counts == {"verified": origin.number}, done.counts
        else:
            found = runner.verify(work)
            assert found["agree"] == origin.number, found
        book.close()
        yield part, peak()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversions", type=int, default=1_000)
    parser.add_argument("--target", default="zoho", choices=("zoho", "base"))
    options = parser.parse_args()
    print(f"{options.conversions} conversions into {options.target}:")  # its output
    for part, most in measured(options.target, options.conversions):
        print(f"  {part}: {most:.1f} MB")


if __name__ == "__main__":
    main()
