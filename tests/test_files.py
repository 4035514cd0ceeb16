"""Files are written whole, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadlens.files import replace


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    """With its mode, and with nothing beside it."""
    replace(tmp_path / "a", b"one")
    replace(tmp_path / "a", b"two", mode=0o644)
    assert (tmp_path / "a").read_bytes() == b"two"
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_was_there_is_there_when_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    """Also when somebody stops it; nothing half-written lies about."""
    replace(tmp_path / "a", b"one")

    def fail(_: int) -> None:
        raise error

    monkeypatch.setattr("leadlens.files.os.fsync", fail)
    with pytest.raises(type(error)):
        replace(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"one"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_an_error_names_the_file_that_was_asked_for(tmp_path: Path) -> None:
    """And not the one that would have become it."""
    with pytest.raises(OSError, match="No such file") as caught:
        replace(tmp_path / "nowhere" / "a", b"one")
    assert caught.value.filename == str(tmp_path / "nowhere" / "a")
