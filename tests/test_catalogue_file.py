"""Catalogues as files: whole or not there, the owner's alone, and not older than an hour."""

from __future__ import annotations

import datetime as dt
import os
import stat
from pathlib import Path

import pytest

from leadlens.catalogue import Catalogue, Choice, Definition, Option
from leadlens.catalogue_file import keep, kept, kept_at, read_catalogue, write_catalogue
from leadlens.errors import InputError
from leadlens.model import Ref

NOW = dt.datetime(2026, 1, 31, 9, 30, tzinfo=dt.UTC)
SEGMENT = Definition(
    kind="lead", id=None, name="Segment", key="Segment", type="picklist", wire_type="picklist",
    options=(Option(name="Small"), Option(name="官公庁", active=False)), decimals=2,
)  # fmt: skip
CATALOGUE = Catalogue(
    vendor="zoho@v8", account="sales/eu ü", read_at=NOW, definitions=(SEGMENT,),
    choices=(Choice("user", Ref("5", "Ada"), email="ada@example.com"), Choice("stage", Ref("6"), Ref("7"))),
    unread=("loss_reason: no",),
)  # fmt: skip


ZONELESS = '{"vendor": "a", "account": "x", "read_at": "2026-01-31T09:30:00"}'


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_file_holds_all_of_it(tmp_path: Path) -> None:
    """What is written is read as the same, to the last option."""
    write_catalogue(tmp_path / "a.json", CATALOGUE)
    assert read_catalogue(tmp_path / "a.json") == CATALOGUE


def test_a_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Users' e-mail addresses are in it: nobody else can read it, whatever the mask, and whatever was there before."""
    before = os.umask(0)
    try:
        (tmp_path / "a.json").write_text("x")
        write_catalogue(tmp_path / "a.json", CATALOGUE)
        keep(CATALOGUE)
    finally:
        os.umask(before)
    for file in (tmp_path / "a.json", kept_at(CATALOGUE.account)):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept_at(CATALOGUE.account).parent.stat().st_mode) == 0o700


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old catalogue stays, and no half of a new one."""
    write_catalogue(tmp_path / "a.json", CATALOGUE)

    def full(_: int) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr("leadlens.files.os.fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_catalogue(tmp_path / "a.json", CATALOGUE)
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]
    assert read_catalogue(tmp_path / "a.json") == CATALOGUE


@pytest.mark.parametrize(
    "content", ["", "[]", '{"vendor": "zoho"}', '{"vendor": 5', "\xff", "x" * (8 * 1024 * 1024 + 1), ZONELESS]
)
def test_what_is_no_catalogue_is_an_input_error(content: str, tmp_path: Path) -> None:
    """A file that is none is told with its path, and is no catalogue that was kept."""
    (tmp_path / "a.json").write_text(content, encoding="latin-1")
    with pytest.raises(InputError, match=r"^\$"):
        read_catalogue(tmp_path / "a.json")
    place = kept_at("x")
    place.parent.mkdir(parents=True)
    place.write_text(content, encoding="latin-1")
    assert kept("x", "zoho@v8", NOW) is None


def test_the_last_one_is_kept_for_an_hour() -> None:
    """Of this account and CRM, and not from the future, as after a clock that was set back."""
    account, hour = CATALOGUE.account, dt.timedelta(hours=1)
    assert kept(account, "zoho@v8", NOW) is None
    keep(CATALOGUE)
    assert kept(account, "zoho@v8", NOW + hour) == CATALOGUE
    for vendor, at in (("zoho@v8", NOW + hour * 1.01), ("zoho@v8", NOW - hour), ("zoho@v6", NOW)):
        assert kept(account, vendor, at) is None
    assert kept("sales/eu", "zoho@v8", NOW) is None


def test_each_account_has_its_file(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No name of an account leads out of the directory; without XDG_CACHE_HOME it is the user's own."""
    assert kept_at("../../etc/passwd").parent == kept_at("a").parent == cache / "leadlens" / "catalogues"
    assert len({kept_at(name) for name in ("a/b", "a%2Fb", "a", "A")}) == 4
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert kept_at("a") == Path("/home/somebody/.cache/leadlens/catalogues/a.json")
