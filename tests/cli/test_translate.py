"""``leadlens translate``: JSON out, losses for people on a terminal, lines in a stream."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.cli.terminal import on_terminal
from tests.payloads import LEAD_IN_TARGET, VENDORS, every_kind, every_pair, payload

from leadlens import translate
from leadlens.adapter import KINDS
from leadlens.cli import BAD_INPUT, DONE, REFUSED, run
from leadlens.decoding import MAX_BYTES

LEAD = ["translate", "lead", "--from", "copper", "--to", "base"]
CONVERT = ["translate", "convert-request", "--from", "copper", "--to", "zoho"]
COMMAND = [sys.executable, "-m", "leadlens"]


def shell(*arguments: str, given: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *arguments], input=given, capture_output=True, check=False, timeout=60)


class Cli:
    """Runs the command line in this process, with a file as its input."""

    def __init__(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.file = tmp_path / "payload.json"
        self.capsys = capsys

    def __call__(self, *arguments: str, given: Any) -> tuple[int, str, str]:
        """Return exit code, standard output and standard error."""
        self.file.write_bytes(given if isinstance(given, bytes) else json.dumps(given).encode())
        code = run([*arguments, str(self.file)])
        return (code, *self.capsys.readouterr())


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    return Cli(tmp_path, capsys)


# --- output ----------------------------------------------------------------------------------------------------------


@every_pair
@every_kind
def test_it_prints_what_translate_returns(cli: Cli, kind: str, source: str, target: str) -> None:
    """The command prints what the function returns, as indented JSON on standard output, and exits with 0."""
    wire = payload(source, kind)
    options = ["--lead-id", LEAD_IN_TARGET] if kind == "convert-request" else []
    code, out, err = cli("translate", kind, "--from", source, "--to", target, *options, given=wire)
    done = translate(kind, wire, source=source, target=target, lead_id=LEAD_IN_TARGET)
    assert (code, err) == (DONE, "")
    assert json.loads(out) == done.to_json()
    assert list(json.loads(out)) == list(done.to_json())
    assert out.endswith("}\n")
    assert "\n  " in out


@pytest.mark.parametrize("name", [[], ["-"]])
def test_standard_input_is_the_default(name: list[str]) -> None:
    """Without a file, or with ``-``, the payload comes from standard input."""
    done = shell(*LEAD, *name, given=b'{"name": "Ada Lovelace"}')
    assert done.returncode == DONE
    assert json.loads(done.stdout)["body"] == {"first_name": "Ada", "last_name": "Lovelace"}
    assert done.stderr == b""


def test_output_is_utf8_as_it_is(cli: Cli) -> None:
    """Text is printed as it is, not escaped."""
    assert '"Zoë 😀"' in cli(*LEAD, given={"name": "Zoë 😀", "first_name": "Zoë 😀"})[1]


def test_numbers_are_printed_digit_by_digit(cli: Cli) -> None:
    """Numbers come out with all their digits, also beyond 64 bits."""
    wire = (
        b'{"name": "A", "custom_fields": [{"custom_field_definition_id": 1, "value": 123456789012345678901234567890}]}'
    )
    out = cli("translate", "lead", "--from", "copper", "--to", "copper", "--ids", "keep", given=wire)[1]
    assert "123456789012345678901234567890" in out
    deal = b'{"name": "A", "monetary_value": 0.12345678901234567890}'
    out = cli("translate", "deal", "--from", "copper", "--to", "zoho", given=deal)[1]
    assert "0.12345678901234567890" in out


@pytest.mark.parametrize("form", ["request", "calls", "printed"])
def test_requests_come_in_every_form(cli: Cli, form: str) -> None:
    """A request may be a request with method and path, a list of calls, or what the command printed."""
    wire = payload("copper", "convert-request")
    if form == "calls":
        wire = {"calls": [wire]}
    if form == "printed":
        wire = json.loads(cli(*CONVERT[:5], "copper", "--lead-id", "5", given=wire)[1])
    code, out, _ = cli(*CONVERT, "--lead-id", "6", given=wire)
    assert code == DONE
    assert json.loads(out)["calls"][-1]["path"] == "/crm/v8/Leads/6/actions/convert"


# --- losses on a terminal --------------------------------------------------------------------------------------------

LOSSY = json.dumps({"name": "Ada Lovelace", "first_name": "Ada", "last_name": "Lovelace", "monetary_value": 5}).encode()
CLEAN = b'{"first_name": "Ada", "last_name": "Lovelace"}'


def test_losses_are_a_table_on_a_terminal() -> None:
    """When standard error is a terminal, the losses are a readable table there; standard output stays JSON."""
    seen = on_terminal(*LEAD, streams=("stderr",), given=LOSSY)
    assert seen.code == DONE
    assert json.loads(seen.out)["losses"][0]["path"] == "value"
    for words in ("1 loss(es), 0 note(s)", "where", "what happens", "reason", "a Base lead has no value", "absent"):
        assert words in seen.screen
    assert "{" not in seen.screen


def test_losses_are_not_shown_when_nobody_looks() -> None:
    """When standard error is no terminal, nothing is written there."""
    done = shell(*LEAD, given=LOSSY)
    assert (done.returncode, done.stderr) == (DONE, b"")


def test_on_a_terminal_no_loss_is_said_too() -> None:
    """On a terminal, a translation without any loss says so."""
    seen = on_terminal(*LEAD, streams=("stderr",), given=CLEAN)
    assert seen.screen.strip() == "Nothing is lost."
    assert json.loads(seen.out)["losses"] == []


def test_ignored_losses_are_not_denied() -> None:
    """Under ignore nothing is said about losses, least of all that there are none."""
    seen = on_terminal(*LEAD, "--on-loss", "ignore", streams=("stderr",), given=LOSSY)
    assert (seen.screen, seen.code) == ("", DONE)


def test_everything_on_one_terminal() -> None:
    """With both streams on one terminal, the JSON comes first and the table after it."""
    seen = on_terminal(*LEAD, streams=("stdout", "stderr"), given=LOSSY)
    assert seen.screen.index('"losses"') < seen.screen.index("1 loss(es)")


@pytest.mark.parametrize("width", [40, 80, 100, 200])
def test_the_table_fits_the_terminal(width: int) -> None:
    """The table is as wide as the terminal at most, and folds its sentences."""
    wire = json.dumps(payload("zoho", "convert-request")).encode()
    arguments = ["translate", "convert-request", "--from", "zoho", "--to", "base", "--lead-id", "5"]
    seen = on_terminal(*arguments, streams=("stderr",), given=wire, width=width)
    assert max(map(len, seen.screen.splitlines())) <= width


def test_a_loss_with_brackets_is_shown_as_it_is() -> None:
    """Paths with brackets are shown as they are, not taken for markup."""
    wire = b'{"name": "A", "phone_numbers": [{"number": "1", "[red]": 2}]}'
    seen = on_terminal(*LEAD, streams=("stderr",), given=wire, width=200)
    assert "$.phone_numbers[0].[red]" in seen.screen


# --- options ---------------------------------------------------------------------------------------------------------


def test_a_convert_without_its_lead_exits_with_2(cli: Cli) -> None:
    """A convert request whose lead is not known in the target exits with 2 and names --lead-id."""
    code, out, err = cli(*CONVERT, given=payload("copper", "convert-request"))
    assert (code, out) == (BAD_INPUT, "")
    assert "--lead-id ID" in err
    assert err.startswith("leadlens: ")
    assert err.count("\n") == 1


def test_ids_may_be_kept(cli: Cli) -> None:
    """--ids keep says that ids are the target's already."""
    code, out, _ = cli(*CONVERT, "--ids", "keep", given=payload("copper", "convert-request"))
    assert code == DONE
    assert "9607580" in out


def test_ids_may_be_mapped(cli: Cli, tmp_path: Path) -> None:
    """--ids FILE maps ids by space."""
    ids = tmp_path / "ids.json"
    ids.write_text(
        '{"lead": {"8894157": "6"}, "company": {"9607580": "7"}, "stage": {"9877901": {"id": "8", "name": "Won"}}}'
    )
    code, out, _ = cli(*CONVERT, "--ids", str(ids), given=payload("copper", "convert-request"))
    call = json.loads(out)["calls"][-1]
    assert code == DONE
    assert call["path"] == "/crm/v8/Leads/6/actions/convert"
    assert call["body"]["data"][0]["Accounts"] == {"id": "7"}
    assert call["body"]["data"][0]["Deals"]["Stage"] == "Won"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "--ids $: expected JSON"),
        ("[]", "--ids $: expected an object"),
        ('{"user": 5}', "--ids $.user: expected an object"),
        ('{"user": {"1": 5}}', "--ids $.user.1: expected the target's id"),
        ('{"usr": {}}', "did you mean 'user'"),
    ],
)
def test_a_bad_id_map_is_told_apart_from_the_payload(cli: Cli, tmp_path: Path, text: str, message: str) -> None:
    """An error in the id map says that it is there."""
    ids = tmp_path / "ids.json"
    ids.write_text(text)
    code, out, err = cli(*LEAD, "--ids", str(ids), given={"name": "A"})
    assert (code, out) == (BAD_INPUT, "")
    assert message in err


def test_the_lead_may_be_given(cli: Cli, tmp_path: Path) -> None:
    """--lead FILE is the lead as the source's record; what depends on it is decided."""
    lead = tmp_path / "lead.json"
    arguments = ["translate", "convert-request", "--from", "copper", "--to", "base", "--lead-id", "5"]
    lead.write_text('{"name": "Ada", "first_name": "Ada"}')
    _, out, _ = cli(*arguments, "--lead", str(lead), given={"details": {}})
    assert "required" in {loss["reason"] for loss in json.loads(out)["losses"] if loss["path"] == "contact"}
    lead.write_text('{"name": "Ada Lovelace", "last_name": "Lovelace"}')
    _, out, _ = cli(*arguments, "--lead", str(lead), given={"details": {}})
    assert {loss["reason"] for loss in json.loads(out)["losses"] if loss["path"] == "contact"} == {"defaulted"}


@pytest.mark.parametrize("text", ["", '{"first_name": 5}', "[]", '{"Last_Name": "A"}'])
def test_a_bad_lead_is_told_apart_from_the_payload(cli: Cli, tmp_path: Path, text: str) -> None:
    """An error in the lead's file says that it is there."""
    lead = tmp_path / "lead.json"
    lead.write_text(text)
    code, out, err = cli(*CONVERT, "--lead-id", "5", "--lead", str(lead), given={"details": {}})
    assert (code, out) == (BAD_INPUT, "")
    assert err.startswith("leadlens: --lead $")


def test_losses_may_be_refused(cli: Cli) -> None:
    """--on-loss raise exits with 1, lists every loss on standard error and prints nothing."""
    code, out, err = cli(*LEAD, "--on-loss", "raise", given={"name": "A", "monetary_value": 5, "zz": 1})
    assert (code, out) == (REFUSED, "")
    assert err.startswith("leadlens: 2 loss(es) that were not allowed:\n")
    assert "$.zz: " in err
    assert "value: " in err


def test_losses_may_be_allowed(cli: Cli) -> None:
    """--allow lets losses pass by path or by reason, as often as it is given."""
    wire = {"name": "A", "monetary_value": 5, "assignee_id": 7}
    arguments = [*LEAD, "--on-loss", "raise"]
    assert cli(*arguments, "--allow", "value", given=wire)[0] == REFUSED
    assert cli(*arguments, "--allow", "value", "--allow", "reason:foreign_id", given=wire)[0] == DONE
    code, _, err = cli(*arguments, "--allow", "reason:nope", given=wire)
    assert code == BAD_INPUT
    assert "there are absent, read_only" in err


def test_losses_may_be_ignored(cli: Cli) -> None:
    """--on-loss ignore leaves the losses out."""
    assert json.loads(cli(*LEAD, "--on-loss", "ignore", given={"name": "A", "zz": 1})[1])["losses"] == []


def test_a_version_may_be_named(cli: Cli) -> None:
    """A CRM may carry its version or setting."""
    _, out, _ = cli(*CONVERT[:5], "zoho@v2", "--lead-id", "5", given={"details": {}})
    assert json.loads(out)["calls"][0]["path"] == "/crm/v2/Leads/5/actions/convert"


@pytest.mark.parametrize("side", ["--from", "--to"])
@pytest.mark.parametrize(
    ("name", "hint"), [("coper", "did you mean 'copper'"), ("zoho@v9", "there are v2"), ("x", "there are")]
)
def test_an_unknown_crm_exits_with_2(cli: Cli, side: str, name: str, hint: str) -> None:
    """An unknown CRM or version exits with 2 and says which is meant."""
    other = "--to" if side == "--from" else "--from"
    code, out, err = cli("translate", "lead", side, name, other, "base", given={"first_name": "A"})
    assert (code, out) == (BAD_INPUT, "")
    assert hint in err


# --- bad input -------------------------------------------------------------------------------------------------------

BAD = {
    "empty": b"",
    "not JSON": b"{",
    "NaN": b'{"monetary_value": NaN}',
    "bad UTF-8": b'{"name": "\xff"}',
    "depth 65": b"[" * 65 + b"]" * 65,
    "8 MiB and one": b'"' + b"a" * (MAX_BYTES - 1) + b'"',
    "a list": b"[{}]",
    "null": b"null",
    "a wrong type": b'{"name": "A", "phone_numbers": [{"number": 5}]}',
    "another CRM's": json.dumps(payload("zoho", "lead")).encode(),
    "a lone surrogate": b'{"name": "\\ud800"}',
    "a huge number": b'{"monetary_value": ' + b"9" * 500 + b"}",
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
@pytest.mark.parametrize("more", [[], ["--lines"]], ids=["whole", "lines"])
def test_bad_input_is_one_line_and_exit_code_2(cli: Cli, data: bytes, more: list[str]) -> None:
    """Bad input is one line on standard error with the path and what would fit, exit code 2, and no output."""
    if more and data == b"":
        pytest.skip("a stream of no lines is no bad input")
    code, out, err = cli(*LEAD, *more, given=data)
    assert (code, out) == (BAD_INPUT, "")
    assert err.startswith("leadlens: line 1: $" if more else "leadlens: $")
    assert ": expected " in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_bad_input_is_the_same_from_standard_input(data: bytes) -> None:
    """Bad input on standard input is one line and exit code 2, never a traceback."""
    done = shell(*LEAD, given=data)
    assert (done.returncode, done.stdout) == (BAD_INPUT, b"")
    assert done.stderr.count(b"\n") == 1
    assert done.stderr.startswith(b"leadlens: $")


# --- lines -----------------------------------------------------------------------------------------------------------


def test_lines_are_translated_one_by_one(cli: Cli) -> None:
    """--lines takes one JSON value a line and prints one a line; blank lines and line ends of any kind are fine."""
    given = b'{"name": "Ada Lovelace"}\r\n\n  \n{"name": "Charles Babbage"}\n{"name": "Zo\xc3\xab"}'
    code, out, err = cli(*LEAD, "--lines", given=given)
    assert (code, err) == (DONE, "")
    last_names = [json.loads(line)["body"]["last_name"] for line in out.splitlines()]
    assert last_names == ["Lovelace", "Babbage", "Zoë"]
    assert [list(json.loads(line)) for line in out.splitlines()] == [["body", "losses"]] * 3


@every_kind
def test_lines_are_for_every_kind(cli: Cli, kind: str) -> None:
    """Every kind can be streamed."""
    wires = [payload("zoho", kind)] * 3
    given = b"\n".join(json.dumps(wire).encode() for wire in wires)
    options = ["--lead-id", "5"] if kind == "convert-request" else []
    code, out, _ = cli("translate", kind, "--from", "zoho", "--to", "copper", "--lines", *options, given=given)
    assert code == DONE
    assert [json.loads(line) for line in out.splitlines()] == [
        translate(kind, wire, source="zoho", target="copper", lead_id="5").to_json() for wire in wires
    ]


@pytest.mark.parametrize("given", [b"", b"\n\n", b" \r\n"])
def test_no_lines_are_no_output(cli: Cli, given: bytes) -> None:
    """A stream without a value is translated into nothing."""
    assert cli(*LEAD, "--lines", given=given) == (DONE, "", "")


@pytest.mark.parametrize(
    ("arguments", "line", "code"),
    [
        (LEAD, b'{"name": 5}', BAD_INPUT),
        (LEAD, b"{", BAD_INPUT),
        (LEAD, b"[]", BAD_INPUT),
        (LEAD, b'{"Last_Name": "A"}', BAD_INPUT),
        ([*LEAD, "--on-loss", "raise"], b'{"name": "A", "zz": 1}', REFUSED),
        (CONVERT, b'{"details": {}}', BAD_INPUT),
    ],
    ids=["type", "json", "list", "vendor", "loss", "lead"],
)
def test_the_first_bad_line_is_named(cli: Cli, arguments: list[str], line: bytes, code: int) -> None:
    """The stream stops at the first line that does not fit, whatever is wrong with it, and names it."""
    good = b'{"name": "Ada Lovelace"}\n' if "lead" in arguments else b""
    found, out, err = cli(*arguments, "--lines", given=good + b"\n" + good + line + b"\n" + good)
    number = 2 if not good else 4
    assert found == code
    assert err.startswith(f"leadlens: line {number}: ")
    assert len(out.splitlines()) == (2 if good else 0)


def test_a_line_beyond_the_limit_is_refused(cli: Cli) -> None:
    """A line of more than 8 MiB is refused; it is never read as a whole."""
    code, out, err = cli(*LEAD, "--lines", given=b'{"name": "' + b"a" * (2 * MAX_BYTES) + b'"}')
    assert (code, out) == (BAD_INPUT, "")
    assert err == f"leadlens: line 1: $: expected at most {MAX_BYTES} bytes of JSON, not {MAX_BYTES + 1}\n"


def test_progress_is_shown_on_a_terminal() -> None:
    """While lines go into a file or pipe, a terminal on standard error shows how many."""
    given = b'{"name": "Ada Lovelace"}\n' * 2500
    seen = on_terminal(*LEAD, "--lines", streams=("stderr",), given=given)
    assert seen.code == DONE
    assert len(seen.out.splitlines()) == 2500
    assert "2,500 translated" in seen.screen


def test_progress_of_nothing() -> None:
    """An empty stream shows zero, and ends well."""
    seen = on_terminal(*LEAD, "--lines", streams=("stderr",), given=b"")
    assert (seen.code, seen.out) == (DONE, b"")
    assert "0 translated" in seen.screen


def test_progress_does_not_hide_an_error() -> None:
    """An error under way is told after the progress."""
    seen = on_terminal(*LEAD, "--lines", streams=("stderr",), given=b'{"name": "A"}\n{"name": 5}\n')
    assert seen.code == BAD_INPUT
    assert "leadlens: line 2: $" in seen.screen
    assert len(seen.out.splitlines()) == 1


def test_lines_on_a_terminal_show_no_progress() -> None:
    """Where the lines themselves go to the terminal, there is no progress among them."""
    seen = on_terminal(*LEAD, "--lines", streams=("stdout", "stderr"), given=b'{"name": "Ada Lovelace"}\n' * 3)
    assert "translated" not in seen.screen
    assert len(seen.screen.splitlines()) == 3


def test_streaming_holds_one_line_at_a_time() -> None:
    """Memory does not grow with the number of lines."""
    code = (
        "import resource, sys; from leadlens.cli import run; run(sys.argv[1:]);"
        "sys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))"
    )
    used = []
    for count in (100, 20_000):
        done = subprocess.run(
            [sys.executable, "-c", code, *LEAD, "--lines"],
            input=b'{"name": "Ada Lovelace"}\n' * count, capture_output=True, check=True,
        )  # fmt: skip
        used.append(int(done.stderr))
    assert used[1] - used[0] < 10_000


def test_every_kind_and_crm_is_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    """The help names every kind and option that scripts use."""
    assert run(["translate", "--help"]) == DONE
    out = " ".join(capsys.readouterr().out.split())
    for word in (*KINDS, *VENDORS[:2], "--lead-id", "--ids", "--lead", "--on-loss", "--allow", "--lines", "keep|FILE"):
        assert word in out
