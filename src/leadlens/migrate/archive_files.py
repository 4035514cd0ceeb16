"""How an archive lies on the disk: lines that vouch for themselves, files that are whole or not there.

A kind is one file of JSON lines, compressed with gzip, a member for each page of the CRM's. Every line ends with the
CRC-32 of what stands before it; ``SHA256SUMS`` names every file and is written last, so that an archive without it is
one that was interrupted.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from leadlens.decoding import dumps, loads
from leadlens.errors import InputError

SUMS: Final = "SHA256SUMS"
MANIFEST: Final = "archive.json"
CATALOGUE: Final = "catalogue.json"
STATE: Final = "state.json"
_CHECK: Final = b',"crc":"%08x"}'
_CHECK_SIZE: Final = len(_CHECK % 0)
_CRUMB: Final = 64
_CHUNK: Final = 1 << 16


def file_of(kind: str) -> str:
    """Return the name of the file of a kind."""
    return f"{kind}.jsonl.gz"


# --- lines -----------------------------------------------------------------------------------------------------------


def line_of(identity: str, raw: Any, neutral: Any) -> bytes:
    """Return one thing as a line that vouches for itself."""
    said = dumps({"id": identity, "raw": raw, "neutral": neutral})[:-1]
    return said + _CHECK % zlib.crc32(said) + b"\n"


def page_of(lines: list[bytes]) -> bytes:
    """Return the lines of one page as a gzip member; the same lines make the same bytes."""
    return gzip.compress(b"".join(lines), mtime=0)


def is_whole(line: bytes) -> bool:
    """Tell whether a line is as it was written."""
    said, check = line[: -_CHECK_SIZE - 1], line[-_CHECK_SIZE - 1 : -1]
    return line.endswith(b"\n") and check == _CHECK % zlib.crc32(said)


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number and the content of each line; raises :class:`InputError` for one that is not as it was."""
    try:
        with gzip.open(path) as file:
            for number, line in enumerate(file, 1):
                if not is_whole(line):
                    raise damaged(path, number)
                yield number, loads(line)
    except (gzip.BadGzipFile, zlib.error, EOFError):
        raise damaged(path, _first_damaged(path)) from None


def members(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield where each gzip member of a file begins, and what it holds: the lines of one page."""
    with path.open("rb") as file:
        start, reader, held = 0, zlib.decompressobj(wbits=31), []
        rest = b""
        while rest := rest or file.read(_CHUNK):
            held.append(reader.decompress(rest))
            rest = reader.unused_data
            if reader.eof:
                yield start, b"".join(held)
                start, reader, held = file.tell() - len(rest), zlib.decompressobj(wbits=31), []


def member_at(path: Path, start: int) -> bytes:
    """Return what the gzip member that begins there holds."""
    with path.open("rb") as file:
        file.seek(start)
        reader, held = zlib.decompressobj(wbits=31), []
        while not reader.eof and (piece := file.read(_CHUNK)):
            held.append(reader.decompress(piece))
    return b"".join(held)


def damaged(path: Path, line: int | None) -> InputError:
    """Return the error for a file that is not as it was written."""
    place = path.name if line is None else f"{path.name}, line {line}"
    return InputError(place, "the bytes that were archived; they were changed since, so fetch the archive again")


def _first_damaged(path: Path) -> int | None:
    """Return the first line that is not as it was written, or at which the compression breaks; None for no line."""
    number, rest = 0, b""
    try:
        for piece in _pieces(path):
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                number += 1
                if not is_whole(line + b"\n"):
                    return number
    except zlib.error:
        return number + 1
    return number + 1 if rest else None


def _pieces(path: Path) -> Iterator[bytes]:
    """Yield what a file holds, in crumbs, up to where the compression breaks."""
    with path.open("rb") as file:
        reader = zlib.decompressobj(wbits=31)
        while crumb := file.read(_CRUMB):
            while crumb:
                yield reader.decompress(crumb)
                crumb = reader.unused_data
                if reader.eof:
                    reader = zlib.decompressobj(wbits=31)


# --- files -----------------------------------------------------------------------------------------------------------


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sums_of(directory: Path, names: list[str]) -> bytes:
    """Return the lines of ``SHA256SUMS``, as ``sha256sum --check`` reads them."""
    return "".join(f"{checksum(directory / name)}  {name}\n" for name in names).encode("ascii")


def check_sums(directory: Path) -> None:
    """Hold every file of an archive against its checksum; raises :class:`InputError` with file and line."""
    for number, line in enumerate(
        (directory / SUMS).read_bytes().decode("ascii", "replace").removesuffix("\n").split("\n"), 1
    ):
        told, _, name = line.partition("  ")
        if len(told) != 64 or not name or "/" in name:
            raise damaged(directory / SUMS, number)
        path = directory / name
        if not path.is_file():
            raise InputError(name, f"a file, as {SUMS} lists it")
        if checksum(path) != told:
            raise damaged(path, _first_damaged(path) if name.endswith(".gz") else None)
