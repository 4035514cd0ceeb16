"""The HTML page of the matrix."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from html.parser import HTMLParser

import pytest

from leadlens.errors import UsageError
from leadlens.matrix_page import page

KEYS = ("source", "target", "kind", "field", "verdict", "reason")
HOSTILE = "</script><img src=x onerror=alert(1)>\u2028<!--{{ 7 * 7 }}'\"&amp;"


def row(*facts: str) -> dict[str, str]:
    return dict(zip(KEYS, facts, strict=True))


ROWS = [
    row("copper", "zoho", "deal", "name", "exact", ""),
    row("copper", "zoho", "deal", "value", "normalised", "The amount is written as text."),
    row("copper", "zoho", "deal", "owner", "lossy", "Only the name of the owner travels."),
    row("copper", "zoho", "convert-request", "deal.close_date", "follow-up", "A second call sets it."),
    row("zoho", "base", "deal", "next_step", "none", "Base has no next step."),
    row("copper", "copper", "deal", "name", "exact", ""),
]


class Page(HTMLParser):
    """What a test wants to know of a page: its elements, the text of its scripts and styles, the summary's cells."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str | None, str]] = []
        self.summary: list[list[str]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.open.append(tag)
        if tag == "tr" and "noscript" in self.open:
            self.summary.append([])

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        tag = self.open[-1] if self.open else ""
        if tag in {"script", "style"}:
            self.texts.append((tag, self.elements[-1][1].get("type"), data))
        if tag in {"td", "th"} and "noscript" in self.open:
            self.summary[-1].append(data)

    def text(self, tag: str, kind: str | None = None) -> str:
        (found,) = (text for name, given, text in self.texts if (name, given) == (tag, kind))
        return found

    def attributes(self, name: str) -> list[str]:
        return [value or "" for _, attributes in self.elements for key, value in attributes.items() if key == name]


def embedded(html: str) -> object:
    return json.loads(Page(html).text("script", "application/json"))


def test_the_page_loads_nothing() -> None:
    """No element, style or script of the page refers to anything outside it."""
    html = page(ROWS, version="0.1.0")
    assert not re.search(r"https?://|@import|url\(|<link|<iframe|<base\b|import\(|fetch\(|XMLHttpRequest", html)
    found = Page(html)
    assert not found.attributes("src")
    assert all(target.startswith("#") for target in found.attributes("href"))


def test_the_page_has_no_inline_handlers_or_styles() -> None:
    """Neither event handler nor style attributes: the content security policy would refuse them."""
    found = Page(page(ROWS, version="0.1.0"))
    names = {name for _, attributes in found.elements for name in attributes}
    assert not [name for name in names if name.startswith("on") or name == "style"]


def test_the_policy_allows_only_the_script_and_style_of_the_page() -> None:
    """The content security policy names the hashes of the one script and the one style, and allows nothing else."""
    found = Page(page(ROWS, version="0.1.0"))
    (policy,) = (text for text in found.attributes("content") if "default-src" in text)
    hashes = {
        tag: base64.b64encode(hashlib.sha256(found.text(tag).encode()).digest()).decode() for tag in ("script", "style")
    }
    assert policy.startswith("default-src 'none'; ")
    assert f"script-src 'sha256-{hashes['script']}';" in policy
    assert f"style-src 'sha256-{hashes['style']}';" in policy


def test_the_rows_come_back_from_the_page() -> None:
    """The data element holds every row, with its six facts, in the order given."""
    assert embedded(page(ROWS, version="0.1.0")) == ROWS


def test_keys_that_the_page_does_not_know_stay_out() -> None:
    """A row's other keys are not embedded."""
    assert embedded(page([ROWS[0] | {"token": "secret"}], version="0.1.0")) == [ROWS[0]]


def test_two_thousand_rows_are_all_there() -> None:
    """A matrix of full size keeps every row and stays below half a megabyte."""
    many = [fact | {"field": f"{fact['field']}_{number}"} for number in range(334) for fact in ROWS]
    html = page(many, version="0.1.0")
    assert embedded(html) == many
    assert len(html) < 500_000


@pytest.mark.parametrize("key", ["source", "target", "kind", "field", "reason"])
def test_hostile_text_stays_text(key: str) -> None:
    """Markup in any fact ends no script, starts no element, is no template, and comes back unchanged."""
    hostile = ROWS[0] | {key: HOSTILE}
    html = page([hostile], version="0.1.0")
    found = Page(html)
    assert "img" not in [tag for tag, _ in found.elements]
    assert "</script><img" not in html
    assert "<!--" not in html
    assert embedded(html) == [hostile]


def test_a_hostile_version_stays_text() -> None:
    """The version is escaped like any other text."""
    assert "<img" not in page(ROWS, version="<img>")


def test_the_summary_counts_by_move_and_kind() -> None:
    """Without JavaScript a table tells, per move and kind, the fields, each verdict, and the share that survives."""
    head, *lines = Page(page(ROWS, version="0.1.0")).summary
    assert head == ["From", "To", "Kind", "Fields", "Exact", "Normalised", "Follow-up", "Lossy", "None", "Survive"]
    assert lines == [
        ["Copper", "Zoho CRM", "Deal", "3", "1", "1", "0", "1", "0", "66\N{NO-BREAK SPACE}%"],
        ["Copper", "Zoho CRM", "Convert request", "1", "0", "0", "1", "0", "0", "100\N{NO-BREAK SPACE}%"],
        ["Copper", "Copper", "Deal", "1", "1", "0", "0", "0", "0", "100\N{NO-BREAK SPACE}%"],
        ["Zoho CRM", "Base (Zendesk Sell)", "Deal", "1", "0", "0", "0", "0", "1", "0\N{NO-BREAK SPACE}%"],
    ]


def test_every_cell_leads_to_its_row_of_the_summary() -> None:
    """Without JavaScript a cell of the heat map jumps to its counts; with it the same address sets the filters."""
    found = Page(page(ROWS, version="0.1.0"))
    cells = [a["href"] for _, a in found.elements if a.get("class") == "cell"]
    assert "#source=copper&target=zoho&kind=convert-request" in cells
    assert {f"#{name}" for name in found.attributes("id")}.issuperset(cells)


def test_a_share_is_never_rounded_up_to_all() -> None:
    """100 % is said, and coloured, only where nothing is lost."""
    nearly = [ROWS[0]] * 299 + [ROWS[2]]
    (cell,) = (a for _, a in Page(page(nearly, version="0.1.0")).elements if a.get("class") == "cell")
    assert cell["data-level"] == "4"
    assert str(cell["aria-label"]).startswith("99 %, 299/300 fields survive from Copper to Zoho CRM, Deal")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (ROWS, "From one CRM to another, <strong>3 of 5 fields"),
        (ROWS[:3], "From Copper to Zoho CRM, <strong>2 of 3 fields"),
        ([ROWS[5], ROWS[5] | {"source": "zoho", "target": "zoho"}], "Between accounts of the same CRM, <strong>2 of 2"),
    ],
)
def test_the_headline_counts_moves_to_another_crm(rows: list[dict[str, str]], words: str) -> None:
    """The first sentence says what it counts; a move within one CRM does not embellish it."""
    assert words in page(rows, version="0.1.0")


def test_names_are_written_as_people_write_them() -> None:
    """A known CRM has its proper name, one with an API version says so, and an unknown one is no error."""
    html = page([row("zoho@v2", "pipedrive", "note", "name", "exact", "")], version="0.1.0")
    for name in ("Zoho CRM v2", "Pipedrive", "Note"):
        assert f">{name}</option>" in html


def test_the_legend_explains_each_verdict() -> None:
    """The five verdicts are explained in plain words."""
    html = page(ROWS, version="0.1.0")
    for meaning in ("arrives as it is", "same meaning, other spelling", "takes an extra call after the conversion"):
        assert meaning in html
    for meaning in ("part of it is lost", "has no place there"):
        assert meaning in html


def test_no_rows_make_a_page_that_says_so() -> None:
    """Without rows the page says that there is nothing, and carries no script."""
    html = page([], version="0.1.0")
    assert "There is nothing to show" in html
    assert "<script" not in html


def test_the_page_is_the_same_each_time() -> None:
    """Equal rows give an equal page, so that it can be kept under version control."""
    assert page(ROWS, version="0.1.0") == page(ROWS, version="0.1.0")


def test_an_unknown_verdict_is_an_error() -> None:
    """A verdict that the page could not count or colour is refused, with the field that has it."""
    with pytest.raises(ValueError, match="name: 'perfect' is no verdict"):
        page([ROWS[0] | {"verdict": "perfect"}], version="0.1.0")


def test_without_jinja2_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jinja2 is optional: without it the call fails with the extra that brings it."""
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(UsageError, match=r"leadlens\[cli\]"):
        page(ROWS, version="0.1.0")
