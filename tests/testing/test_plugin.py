"""The plug-in: it tests a mapping file, tells of it, gives fixtures, and is not felt where it is not used."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from tests.tenants import COPPER, DECIDED, ZOHO, kept

from leadlens import registry
from leadlens.codecs import Codec, text
from leadlens.customfields.mapping import side
from leadlens.customfields.scope import relevant
from leadlens.testing import laws, plugin

pytest_plugins = ["pytester"]
LOADED = plugin
"""What a run of pytest inside this one would otherwise load anew, and take for something else."""
OPTIONS = ("-p", "no:cacheprovider", "-p", "no:randomly", "--leadlens-budget", "8")
GOOD = DECIDED + kept(*relevant(side(COPPER), side(ZOHO), registry.get("copper"), registry.get("zoho")))


HEAD = DECIDED.partition("[lead.fields]")[0]


def judged(pytester: pytest.Pytester, mapping: str, *options: str) -> pytest.RunResult:
    """Run pytest on a mapping file of this text."""
    (pytester.path / "mapping.toml").write_text(mapping, encoding="utf-8")
    return pytester.runpytest_inprocess(*OPTIONS, "--leadlens-mapping", "mapping.toml", *options)


def test_a_good_mapping_passes(pytester: pytest.Pytester) -> None:
    """Every law is a test for each kind of record, and one line tells the fidelity of the pair."""
    ran = judged(pytester, GOOD, "--junitxml=report.xml")
    ran.assert_outcomes(passed=39)
    ran.stdout.fnmatch_lines(
        ["copper → zoho@v8 (mapping.toml): 6 exact, 4 normalised, 3 lossy, 1 none of 14 lines; 38 laws hold"]
    )
    cases = ET.parse(pytester.path / "report.xml").getroot().iter("testcase")
    facts = {
        case.get("name"): {fact.get("name"): fact.get("value") for fact in case.iter("property")} for case in cases
    }
    assert facts["lead: round trip"] == {
        "leadlens_pair": "copper → zoho@v8 (mapping.toml)",
        "leadlens_laws": "38",
        "leadlens_law": "lead: round trip",
        "leadlens_budget": "8",
    }


def test_an_open_line_is_told(pytester: pytest.Pytester) -> None:
    """What is not decided is one failure, with each line; no law is tried on it."""
    ran = judged(pytester, GOOD.replace('{ leave_out = "nobody has a fax any more" }', '{ undecided = "ask Bob" }'))
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["mapping.toml:16: *'Fax code'*"])
    ran.stdout.fnmatch_lines(["copper → zoho@v8 (mapping.toml): it could not be judged; 0 laws hold"])
    ran.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ("[source", "mapping.toml:1: this is no TOML*"),
        (GOOD.replace('vendor = "zoho@v8"', 'vendor = "zohoo"'), "mapping.toml:6: *no adapter is named 'zohoo'*"),
        (
            GOOD.replace('vendor = "zoho@v8"', 'vendor = "copper"'),
            "mapping.toml:6: target.vendor: copper cannot have 4 of the fields kept in [[]drafted.target], such as*",
        ),
        (
            GOOD.replace('vendor = "copper"', 'vendor = "pipe"'),
            "mapping.toml:2: source.vendor: no adapter is named 'pipe'*",
        ),
        (
            HEAD,
            "mapping.toml:1: this file decides nothing of any field, option or choice; leadlens fields draft old new *",
        ),
        (
            f'{HEAD}[drafted.source.choices.user]\n"Ann" = "1"\n"Bob" = "2"\n',
            "mapping.toml:1: nothing is said about 2 users ('Ann', 'Bob'); add a section [[]choices.user]*",
        ),
        (
            f'{HEAD}[drafted.source.lead]\n"Fax" = {{ type = "text" }}\n',
            "mapping.toml:1: nothing is said about 'Fax' *",
        ),
    ],
)
def test_a_file_that_is_none_is_told(pytester: pytest.Pytester, mapping: str, told: str) -> None:
    """A file that cannot be read, or whose CRM nobody knows, is one failure with its line."""
    ran = judged(pytester, mapping)
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines([told])


def test_a_broken_law_shows_all_that_is_needed(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The smallest record, both wires, and the lines of the file that decide."""
    rows: Any = importlib.import_module("leadlens.customfields.rows")
    whole = rows.pair
    shouted = Codec("shouted", text.decode, str.upper, {"type": "string"})

    def wrong(source: Any, target: Any, options: Any) -> Codec:
        return shouted if source.name == "Referral" else whole(source, target, options)

    monkeypatch.setattr(rows, "pair", wrong)
    ran = judged(pytester, GOOD, "--leadlens-budget", "60")
    assert ran.ret == 1
    ran.stdout.fnmatch_lines(
        [
            "*lead: no silent loss _*",
            "mapping.lead: no silent loss is broken: as client, referral differs in silence",
            "  record: OwnLead(referral='a')",
            "  wire: {'referred_by': 'A', 'region': 'EMEA'}",
            "  read back: OwnLead(referral='A')",
            '  row: mapping.toml:12: "Referral" = to "Referred by"',
        ]
    )
    ran.stdout.fnmatch_lines(
        [
            "copper → zoho@v8, lead: no silent loss of a field is broken: 'Referral' came back*",
            "  record: Lead(custom_fields=(CustomField(definition=Ref(id='178386'), value='a'),))",
            "  wire of the source: {'custom_fields': [[]{'custom_field_definition_id': 178386, 'value': 'a'}]}",
            "  wire of the target: {'Referred_by': 'A', 'Region': 'EMEA'}",
        ]
    )
    ran.stdout.fnmatch_lines(["copper → zoho@v8 (mapping.toml): *laws are broken"])


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ("decisions", "6 exact, 4 normalised, 3 lossy, 1 none of 14 lines; no law was run"),
        ("round", "its decisions were not run; 2 laws hold; 36 laws were not run"),
        ("round or decisions", "6 exact, 4 normalised, 3 lossy, 1 none of 14 lines; 2 laws hold; 36 laws were not run"),
    ],
)
def test_a_part_is_told_as_one(pytester: pytest.Pytester, chosen: str, says: str) -> None:
    """What pytest was told to leave out (``-k``) is named: it was not run, and nothing is said of it."""
    ran = judged(pytester, GOOD, "-k", chosen)
    ran.stdout.fnmatch_lines([f"copper → zoho@v8 (mapping.toml): {says}"])


def test_a_part_that_is_broken(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told of as many as were run."""
    monkeypatch.setattr(laws, "demand", lambda *_: 1 / 0)
    ran = judged(pytester, GOOD, "-k", "round")
    ran.stdout.fnmatch_lines(["*: its decisions were not run; 2 of 2 laws are broken; 36 laws were not run"])


@pytest.mark.parametrize("said", ["--leadlens-mapping=m.toml", "--leadlens-mapping m.toml"])
def test_a_configured_file_is_found_from_everywhere(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """A path in the configuration is one from its folder; one that somebody types is one from where they are."""
    (pytester.path / "m.toml").write_text(GOOD, encoding="utf-8")
    (pytester.path / "sub").mkdir()
    (pytester.path / "sub/own.toml").write_text(GOOD, encoding="utf-8")
    pytester.makeini(f"[pytest]\naddopts = {said}")
    monkeypatch.chdir(pytester.path / "sub")
    ran = pytester.runpytest_inprocess(*OPTIONS, "-k", "decisions", "--leadlens-mapping", "own.toml")
    ran.assert_outcomes(passed=2, deselected=76)
    ran.stdout.fnmatch_lines(["* (sub/own.toml): 6 exact*", "* (m.toml): 6 exact*"])


def test_a_file_that_is_not_there(pytester: pytest.Pytester) -> None:
    """It is wrong usage, said by its name."""
    ran = pytester.runpytest_inprocess("--leadlens-mapping", "nowhere.toml")
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines(["*--leadlens-mapping: there is no file *nowhere.toml"])


@pytest.mark.parametrize(
    ("name", "budget", "says"),
    [
        ("a [1].toml", "5", "pytest takes what stands behind :: or [[] for the name of a test; rename *a [[]1].toml"),
        ("m.toml", "0", "--leadlens-budget: give a number of records, 1 or more"),
    ],
)
def test_what_cannot_be_tested(pytester: pytest.Pytester, name: str, budget: str, says: str) -> None:
    """It is wrong usage, said by its name."""
    (pytester.path / name).write_text("")
    ran = pytester.runpytest_inprocess("--leadlens-mapping", name, "--leadlens-budget", budget)
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines([f"*{says}"])


def test_without_what_it_needs(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is to be installed is said."""
    (pytester.path / "m.toml").write_text("")
    monkeypatch.delitem(sys.modules, "leadlens.testing.plugin", raising=False)
    monkeypatch.setitem(sys.modules, "leadlens.testing.mapped", None)
    ran = pytester.runpytest_inprocess("--leadlens-mapping", "m.toml")
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines(["*needs leadlens.testing.mapped: pip install 'leadlens[[]cli,tenant,testing]'"])


def test_fixtures(pytester: pytest.Pytester) -> None:
    """A test gets emulated accounts and clients of them by name."""
    pytester.makepyfile(
        """
        from leadlens import ConvertRequest

        def test_all(copper_sandbox, zoho_sandbox, base_sandbox, leadlens_client):
            base = leadlens_client("base")
            made = base.convert(ConvertRequest(lead_id="1"))
            assert made.contact.outcome == "created"
            assert len(base_sandbox.truth.entries("base")) == 3
            assert next(leadlens_client("zoho@v6").iter_records("lead")).id
            assert leadlens_client("copper", sandbox=copper_sandbox).get("lead", next(
                leadlens_client("copper").iter_records("lead")).id)
            assert not zoho_sandbox.truth.entries("base")
        """
    )
    pytester.runpytest_inprocess(*OPTIONS).assert_outcomes(passed=1)


def test_fixtures_of_any_crm(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """An adapter that is installed has clients of its sandbox, though no fixture has its name; yours goes first."""
    monkeypatch.syspath_prepend(Path(__file__).parent.parent / "plugin")
    pytester.makepyfile(
        """
        import pytest
        from leadlens import Sandbox
        from leadlens.errors import UnknownAdapterError

        @pytest.fixture
        def base_sandbox():
            with Sandbox(data="empty", vendors=["base"]) as sandbox:
                yield sandbox

        @pytest.fixture
        def zoho_sandbox(missing):
            pass

        def test_all(leadlens_client, leadlens_sandbox):
            assert list(leadlens_client("pipedrive").iter_records("lead"))
            leadlens_client("pipedrive").delete("lead", next(leadlens_client("pipedrive").iter_records("lead")).id)
            assert len(leadlens_sandbox("pipedrive").truth.changes("pipedrive", what="deleted")) == 1
            assert not list(leadlens_client("base").iter_records("lead"))
            with pytest.raises(UnknownAdapterError, match="no adapter is named 'acme'"):
                leadlens_client("acme", sandbox=leadlens_sandbox("base"))
            with pytest.raises(UnknownAdapterError, match="no CRM named 'acme' has a sandbox; there are base, copper"):
                leadlens_client("acme")

        def test_a_fixture_that_fails(leadlens_client):
            with pytest.raises(pytest.FixtureLookupError) as caught:
                leadlens_client("zoho")
            assert caught.value.argname == "missing"
        """
    )
    pytester.runpytest_inprocess(*OPTIONS).assert_outcomes(passed=2)


OTHERS = """
import sys

def test_nothing():
    assert [name for name in sys.modules if name.split(".")[0] in ("leadlens", "hypothesis")] == []
    assert "pytest_leadlens" in sys.modules
"""


def test_it_is_not_felt_where_it_is_not_used(tmp_path: Path) -> None:
    """Somebody else's tests run without a module of leadlens or of Hypothesis being loaded by the plug-in."""
    (tmp_path / "test_other.py").write_text(OTHERS, encoding="utf-8")
    without = ("no:hypothesispytest", "no:schemathesis", "no:cacheprovider")
    options = [option for name in without for option in ("-p", name)]
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", *options, str(tmp_path)]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "1 passed" in ran.stdout, ran.stdout
