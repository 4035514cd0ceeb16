"""A plan's file is JSON with an item a line; of any size it is read by lines, and a changed or cut one is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leadlens.decoding import MAX_BYTES, dumps, loads
from leadlens.errors import UsageError
from leadlens.files import replace
from leadlens.migrate import plan as plans
from leadlens.migrate.plan_file import Items, digest


def plan(number: int, **more: Any) -> dict[str, Any]:
    items = Items()
    for at in range(number):
        items.add({"op_id": f"op{at}", "place": at, "why": "ü" * 100})
    made = {"format": plans.FORMAT, "counts": {"replay": number}, "items": items, **more}
    return {**made, "hash": digest(made)}


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    """Also one that is larger than any JSON that is taken from elsewhere; and it is JSON for everybody else."""
    made, file = plan(80_000), tmp_path / "plan.json"
    replace(file, plans.written(made))
    assert file.stat().st_size > MAX_BYTES
    found = plans.load(file)
    assert len(found["items"]) == 80_000
    assert found["items"][79_999] == found["items"][-1] == made["items"][79_999]
    assert found["items"][:2] == [made["items"][0], made["items"][1]]
    assert {key: found[key] for key in found if key != "items"} == {key: made[key] for key in made if key != "items"}
    assert json.loads(file.read_bytes())["items"] == list(found["items"])


def test_however_it_is_written_its_hash_is_the_same(tmp_path: Path) -> None:
    """Indented by another program, or with a plain list."""
    made = plan(3)
    plain = {**made, "items": list(made["items"])}
    assert digest(plain) == made["hash"]
    (tmp_path / "plan.json").write_text(json.dumps(plain, indent=2), encoding="utf-8")
    assert plans.load(tmp_path / "plan.json") == plain
    assert b"".join(plans.written(plain)) == b"".join(plans.written(made))
    assert loads(dumps({**plan(0), "items": []}))["items"] == []


@pytest.mark.parametrize("number", [0, 3])
def test_one_that_is_cut_off_or_changed_is_refused(tmp_path: Path, number: int) -> None:
    """At any line; nothing is guessed."""
    file = tmp_path / "plan.json"
    replace(file, plans.written(plan(number)))
    whole = file.read_bytes()
    assert len(plans.load(file)["items"]) == number
    for end in [at for at, sign in enumerate(whole) if sign == ord("\n")][:-1]:
        file.write_bytes(whole[: end + 1])
        with pytest.raises(UsageError, match="cut off"):
            plans.load(file)
    file.write_bytes(whole.replace(b'"format"', b'"fromat"'))
    with pytest.raises(UsageError, match="no plan"):
        plans.load(file)
    file.write_bytes(whole.replace(b'"counts":{"replay":', b'"counts":{"replay":1'))
    with pytest.raises(UsageError, match="was changed"):
        plans.load(file)
    file.write_bytes(whole.replace(b"]}\n", b"nonsense\n]}\n"))
    with pytest.raises(UsageError, match="JSON"):
        plans.load(file)
