"""Names that are held: by one thread of one process at a time, until it lets go or dies."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from leadlens.holding import holds

_TRY = """
import sys, threading
from leadlens.holding import holds
threading.Timer(float(sys.argv[3]), lambda: __import__("os")._exit(9)).start()
with holds(__import__("pathlib").Path(sys.argv[1])).held(sys.argv[2]):
    __import__("os")._exit(0)
"""


def elsewhere(file: Path, name: str, seconds: float) -> bool:
    """Tell whether another process gets the name within so many seconds."""
    done = subprocess.run([sys.executable, "-c", _TRY, str(file), name, str(seconds)], check=False)
    return done.returncode == 0


def test_another_process_waits_for_a_name(tmp_path: Path) -> None:
    """What is held here nobody else gets, and other names are free."""
    file = tmp_path / "names"
    with holds(file).held("a"):
        assert not elsewhere(file, "a", 2)
        assert elsewhere(file, "b", 30)
    assert elsewhere(file, "a", 30)


def test_letting_go_of_one_name_keeps_the_other(tmp_path: Path) -> None:
    """The file stays open as long as anything of it is held."""
    file = tmp_path / "names"
    with holds(file).held("a"):
        with holds(file).held("b"):
            pass
        assert elsewhere(file, "b", 30)
        assert not elsewhere(file, "a", 2)


def test_another_thread_waits_for_a_name(tmp_path: Path) -> None:
    """Locks of the system are those of a process; threads are kept apart as well."""
    names, got = holds(tmp_path / "names"), threading.Event()

    def take() -> None:
        with names.held("a"):
            got.set()

    thread = threading.Thread(target=take)
    with names.held("a"):
        thread.start()
        assert not got.wait(0.2)
    assert got.wait(30)
    thread.join()


def test_a_file_is_open_only_while_something_is_held(tmp_path: Path) -> None:
    """A process that works with many ledgers, one after the other, does not run out of files."""
    before = len(list(Path("/dev/fd").iterdir()))
    for number in range(20):
        with holds(tmp_path / f"names-{number}").held("a"):
            assert len(list(Path("/dev/fd").iterdir())) <= before + 1
    assert len(list(Path("/dev/fd").iterdir())) <= before
