"""Files of worked cases that become the examples of a draft (004-15); no database is asked."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tariffs.operations.test_call_grids import CasesUnreadable, read_case_file


def file_of(*events: dict[str, Any], unit: str | None = None) -> bytes:
    cases = [
        {
            "id": f"own-{number}",
            "kind": "call_rating",
            "event": {"called": "37410", "start": "2026-03-05T12:00:00Z", **event},
            "tariff": {"unit": unit},
            "expected": {"amount": "1.5"},
        }
        for number, event in enumerate(events, start=1)
    ]
    return json.dumps({"schema": "telecom-billing-cases/1", "cases": cases}).encode()


def test_started_second_counts_and_usage_that_no_example_has_is_passed_over():
    calls = read_case_file(
        file_of(
            {"type": "voice", "duration_s": "59.2"},
            {"type": "fax", "duration_s": 60},
            {"type": "data", "quantity": "12.5"},
            {"type": "data", "quantity": 1024},
            {"duration_s": 0},
        ),
        name="cases.json",
    )

    assert [(call.note, call.quantity, call.unit) for call in calls] == [
        ("own-1", 60, "SECONDS"),
        ("own-4", 1024, "BYTES"),
        ("own-5", 0, "SECONDS"),
    ]


@pytest.mark.parametrize(("unit", "expected"), [(None, "1.5"), ("cent", "0.015")])
def test_amount_in_cents_becomes_one_of_the_major_unit(unit, expected):
    (call,) = read_case_file(file_of({"type": "voice", "quantity": 60}, unit=unit), name="cases.json")

    assert (call.expected, call.quantity) == (Decimal(expected), 60)


@pytest.mark.parametrize("event", [{"type": "fax"}, {"type": "voice"}, {"duration_s": "NaN"}, {"duration_s": []}])
def test_file_without_a_call_that_can_be_tried_is_refused(event):
    with pytest.raises(CasesUnreadable, match=r"cases\.json holds no worked cases of calls"):
        read_case_file(file_of(event), name="cases.json")
