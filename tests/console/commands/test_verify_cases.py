"""What the command prints and how it ends; no database is asked."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

FOLDER = Path(__file__).parents[4] / "shared" / "cases"
CASE: dict[str, Any] = {
    "id": "own-1",
    "kind": "call_rating",
    "tariff": {"rates": [{"prefixes": ["*"], "steps": [{"price": "1"}]}]},
    "event": {"type": "voice", "called": "1", "start": "2026-03-05T12:00:00Z", "duration_s": 3},
    "expected": {"amount": "3"},
}


REMEDY = "Mend what is named above, or take it away; every other case was run."


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
        "own-3: not supported: kind x (cases.json, case 3)",
        "?: not supported: kind ? (cases.json, case 4)",
        REMEDY,
        "1 agreed, 1 differ, 2 not supported",
    ]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ({"tariff": None}, "malformed: the field tariff is 'None', not an object"),
        ({"event": {**CASE["event"], "start": "2026-02-30T00:00:00Z"}}, "malformed: the field event.start is "),
        (
            {"tariff": {"rates": [{"prefixes": "*", "steps": []}]}},
            "malformed: the field tariff.rates[1].prefixes is '*'",
        ),
        ({"tariff": {"rates": [{"prefixes": ["*"]}]}}, "malformed: the field 'steps' is missing"),
        ({"expected": {}}, "malformed: the field 'amount' is missing"),
        ({"tax": "20"}, "call_rating: unknown fields tax; known are check, currency, event, expected, "),
        ({"currency": "drams"}, "currency: 'drams' is not a currency"),
        ({"event": {**CASE["event"], "duration_s": 10**12}}, "duration_s: "),
        ({"event": {**CASE["event"], "continuation": "no"}}, "continuation: 'no' is not true or false"),
    ],
)
def test_verify_cases_names_file_case_and_field_of_what_is_malformed(tmp_path, damage, reason):
    code, lines = run(write(tmp_path, CASE, {**CASE, **damage}))

    assert code == 1
    assert lines[0].startswith(f"own-1: not supported: {reason}")
    assert lines[0].endswith("(cases.json, case 2)")
    assert lines[1:] == [REMEDY, "1 agreed, 0 differ, 1 not supported"]


def test_verify_cases_reads_plain_numbers_and_a_named_currency(tmp_path):
    case = {**CASE, "currency": "AMD", "timezone": "Asia/Yerevan", "expected": {"amount": 0.51}}
    case["tariff"] = {"rates": [{"prefixes": ["*"], "steps": [{"price": 0.17}]}]}

    assert run(write(tmp_path, case)) == (0, ["1 agreed, 0 differ, 0 not supported"])


def test_verify_cases_passes_over_no_damaged_file_of_a_folder(tmp_path):
    write(tmp_path, CASE)
    whole = write(tmp_path, CASE, name="cut.json")
    whole.write_text(whole.read_text(encoding="utf-8")[:-9], encoding="utf-8")

    write(tmp_path, name="none.json").write_text('{"schema": "telecom-billing-cases/1", "cases": {}}', encoding="utf-8")
    write(tmp_path, CASE, name="next.json", schema="telecom-billing-cases/2")
    write(tmp_path, CASE, name="nameless.json", schema=None)
    write(tmp_path, name="page.json").write_bytes(b"\xff\xfe{\x00")

    code, lines = run(tmp_path)

    assert code == 1
    assert re.search(r"cut\.json: this is no JSON, line 1, column \d+: ", lines[0])
    assert lines[1].endswith("nameless.json: the field schema is 'None', not 'telecom-billing-cases/1'")
    assert lines[2].endswith("next.json: the field schema is 'telecom-billing-cases/2', not 'telecom-billing-cases/1'")
    assert lines[3].endswith("none.json: the field cases is '{}', not a list of cases")
    assert "page.json: this is no JSON, 'utf-8' codec" in lines[4]
    assert lines[5:] == [REMEDY, "1 agreed, 0 differ, 0 not supported"]
    assert run(whole)[0] == 1
    assert len(json.loads(run(tmp_path, "--json")[1][-1])["damaged"]) == 5


SOUND = {"agreed": 1, "differ": 0, "not_supported": 0, "damaged": [], "cases": []}


def test_verify_cases_as_json_is_one_object(tmp_path):
    code, lines = run(write(tmp_path, CASE), "--json")

    assert (code, json.loads(lines[-1])) == (0, SOUND)


@pytest.mark.parametrize("name", ["missing.json", "empty", "notes.json"])
def test_verify_cases_of_no_cases_says_what_to_type(tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.json").write_text('{"schema": "notes/1", "cases": []}', encoding="utf-8")

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
