"""What the command prints and how it ends; no database is asked."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

FOLDER = Path(__file__).parents[4] / "shared" / "cases"
CASE = {
    "id": "own-1",
    "kind": "call_rating",
    "tariff": {"rates": [{"prefixes": ["*"], "steps": [{"price": "1"}]}]},
    "event": {"type": "voice", "called": "1", "start": "2026-03-05T12:00:00Z", "duration_s": 3},
    "expected": {"amount": "3"},
}


def write(folder, *cases, name="cases.json", schema="telecom-billing-cases/1"):
    path = folder / name
    path.write_text(json.dumps({"schema": schema, "set": "own", "cases": list(cases)}), encoding="utf-8")
    return path


def run(path, *flags):
    out = io.StringIO()
    code: object = 0
    try:
        call_command("verify_cases", str(path), *flags, stdout=out)
    except SystemExit as end:
        code = end.code
    return code, out.getvalue().splitlines()


def test_verify_cases_that_agree_ends_with_zero(tmp_path):
    assert run(write(tmp_path, CASE)) == (0, ["1 agreed, 0 differ, 0 not supported"])


def test_verify_cases_of_a_folder_prints_every_difference(tmp_path):
    write(tmp_path, CASE, {**CASE, "id": "own-2", "expected": {"amount": "4"}}, {"id": "own-3", "kind": "x"}, 5)
    write(tmp_path, CASE, name="other.json", schema="something-else/1")

    code, lines = run(tmp_path)

    assert code == 1
    assert lines == [
        "own-2: expected 4, got 3",
        "own-3: not supported: kind x",
        "?: not supported: kind ?",
        "1 agreed, 1 differ, 2 not supported",
    ]


def test_verify_cases_as_json_is_one_object(tmp_path):
    code, lines = run(write(tmp_path, CASE), "--json")

    assert (code, json.loads(lines[-1])) == (0, {"agreed": 1, "differ": 0, "not_supported": 0, "cases": []})


@pytest.mark.parametrize("name", ["missing.json", "empty", "notes.json"])
def test_verify_cases_of_no_cases_says_what_to_type(tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.json").write_text("not json", encoding="utf-8")

    with pytest.raises(CommandError, match="type for example") as refusal:
        call_command("verify_cases", str(tmp_path / name))

    assert refusal.value.returncode == 2


@pytest.mark.skipif(not FOLDER.exists(), reason="the cases are not beside the project")
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("allowances.json", 8),
        ("billing-periods.json", 63),
        ("call-rating.json", 37),
        ("invoices.json", 14),
        ("proration.json", 60),
        ("usage-pricing.json", 36),
    ],
)
def test_verify_cases_of_the_shared_files(name, count):
    assert run(FOLDER / name) == (0, [f"{count} agreed, 0 differ, 0 not supported"])
