"""Worked examples of other systems, where they lie beside the project; and what happens to odd ones."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from rating.domain.cases import RATING_RUNNERS, CaseOutcome, verify_case as verify

FOLDER = Path(__file__).parents[4] / "shared" / "cases"


def verify_case(case):
    return verify(case, runners=RATING_RUNNERS)


def shared_cases():
    found = [case for path in sorted(FOLDER.glob("*.json")) for case in json.loads(path.read_text("utf-8"))["cases"]]
    return [case for case in found if case["kind"] in RATING_RUNNERS]


@pytest.mark.skipif(not FOLDER.exists(), reason="the cases are not beside the project")
def test_every_shared_case_agrees():
    results = [verify_case(case) for case in shared_cases()]

    assert len(results) == 81
    assert [result for result in results if result.outcome is not CaseOutcome.AGREED] == []


@pytest.mark.skipif(not FOLDER.exists(), reason="the cases are not beside the project")
@pytest.mark.parametrize("kind", ["call_rating", "call_split", "tiered_usage"])
def test_case_with_another_expectation_differs(kind):
    for case in (copy.deepcopy(case) for case in shared_cases() if case["kind"] == kind):
        key = "segments" if kind == "call_split" else "amount"
        case["expected"][key] = "31337"

        assert verify_case(case).outcome is CaseOutcome.DIFFERS


def call(**event) -> dict[str, Any]:
    return {
        "id": "own-1",
        "kind": "call_rating",
        "tariff": {
            "rounding": {"mode": "half_up", "places": 6},
            "rates": [
                {"prefixes": ["1"], "steps": [{"from": 0, "price": "0.00000012", "per": 1, "increment": 1}]},
                {"prefixes": ["12"], "weight": 1, "steps": [{"from": 0, "price": "1", "per": 60, "increment": 60}]},
                {"prefixes": ["12"], "weight": 5, "steps": [{"from": 0, "price": "2", "per": 60, "increment": 60}]},
            ],
        },
        "event": {"type": "voice", "called": "123", "start": "2026-03-05T12:00:00Z", "duration_s": 61, **event},
        "expected": {"amount": "4"},
    }


def test_heavier_rate_wins_among_those_of_the_longest_prefix():
    assert verify_case(call()).outcome is CaseOutcome.AGREED


def test_finer_price_than_micro_units_is_exact():
    result = verify_case({**call(called="19", duration_s=1_000_000), "expected": {"amount": "0.12"}})

    assert (result.outcome, result.got) == (CaseOutcome.AGREED, "0.12")


def test_started_second_counts_and_data_may_be_fractional():
    assert verify_case(call(duration_s="60.1")).outcome is CaseOutcome.AGREED
    data = call(type="data", quantity="60.5")
    del data["event"]["duration_s"]
    assert verify_case(data).outcome is CaseOutcome.AGREED


def test_of_two_rates_for_one_window_the_first_counts():
    case = call()
    window = {"window": {"days": [1, 2, 3, 4, 5, 6, 7], "from": "00:00"}}
    first, second = ({**rate, **window, "weight": 5} for rate in reversed(case["tariff"]["rates"][1:]))
    case["tariff"]["rates"] = [first, second]

    assert verify_case(case).outcome is CaseOutcome.AGREED


def test_tariff_without_a_rounding_expects_the_exact_price():
    case = call(called="19", duration_s=1)
    del case["tariff"]["rounding"]

    assert verify_case({**case, "expected": {"amount": "0.00000012"}}).outcome is CaseOutcome.AGREED
    assert verify_case({**case, "expected": {"amount": "0.00000012", "blocks": 1}}).outcome is CaseOutcome.NOT_SUPPORTED


def test_split_may_say_how_long_the_call_is():
    windows = [{"days": [4], "from": "22:00"}, {"days": [5], "from": "06:00"}]
    event = {"type": "voice", "start": "2026-03-05T20:00:00Z"}
    expected = {"segments": 2, "boundaries": ["2026-03-05T22:00:00Z"]}
    case = {"id": "own-4", "kind": "call_split", "windows": windows, "expected": expected}

    assert verify_case({**case, "event": {**event, "duration_s": 36000}}).outcome is CaseOutcome.AGREED
    assert verify_case({**case, "event": {**event, "duration_s": 36001}}).outcome is CaseOutcome.DIFFERS


def test_number_without_a_prefix_differs_with_the_reason():
    result = verify_case(call(called="9"))

    assert (result.outcome, result.got) == (CaseOutcome.DIFFERS, "no price: no prefix fits")


@pytest.mark.parametrize(
    "event",
    [
        {"type": "fax"},
        {"roaming": True},
        {"start": "2026-03-05T12:00:00"},
        {"start": "yesterday"},
        {"timezone": "Mars/Olympus"},
        {"duration_s": None},
        {"duration_s": "NaN"},
        {"duration_s": "soon"},
        {"duration_s": "\uff16\uff11"},
    ],
)
def test_event_that_we_do_not_read_is_not_supported(event):
    result = verify_case(call(**event))

    assert result.outcome is CaseOutcome.NOT_SUPPORTED
    assert result.reason


@pytest.mark.parametrize(
    "tariff",
    [
        {"vat": "20"},
        {"unit": "bushel"},
        {"surcharge": {"after_s": -1, "amount": "1"}},
        {"rounding": {"mode": "sideways", "places": 2}},
        {"rounding": {"mode": "up", "places": 9}},
        {"rates": []},
        {"rates": [{"prefixes": ["1"], "steps": [{"price": "1", "per": "1.5"}]}]},
        {"rates": [{"prefixes": ["1"], "steps": [{"price": "1", "per": 0}]}]},
        {"rates": [{"prefixes": ["1"], "steps": [{"price": "1"}], "window": {"days": [1], "from": "08:00:30"}}]},
        {"rates": [{"prefixes": ["1"], "steps": [{"price": "1"}], "window": {"days": [1], "until": "20:00"}}]},
        {"rates": [{"prefixes": ["1"], "steps": [{"price": "1"}], "max_cost": "1", "max_cost_policy": "beg"}]},
        {"rates": [{"prefixes": ["1"], "steps": [{"price": "1"}], "connect_fee": "0.0000001"}]},
    ],
)
def test_tariff_that_we_cannot_express_is_not_agreed(tariff):
    case = call()
    case["tariff"] = {**case["tariff"], **tariff}

    assert verify_case(case).outcome is not CaseOutcome.AGREED


@pytest.mark.parametrize("case", [{}, {"kind": "tiered_usage"}, {"id": "x", "kind": "call_rating"}])
def test_case_of_another_kind_or_shape_is_not_supported(case):
    assert verify_case(case).outcome is CaseOutcome.NOT_SUPPORTED


def sequence(*events, prices, **allowance) -> dict[str, Any]:
    """Draw events, each of (rate, quantity, in the allowance, amount), from one allowance."""
    return {
        "id": "own-2",
        "kind": "allowance_sequence",
        "allowances": [{"name": "a", "rates": ["x"], **allowance}],
        "rates": prices,
        "events": [
            {"event": {"rate": rate, "quantity": quantity}, "in_allowance": inside, "amount": amount}
            for rate, quantity, inside, amount in events
        ],
        "expected": {"amounts": [amount for _, _, _, amount in events]},
    }


def test_steps_that_end_charge_nothing_beyond():
    case = sequence(
        ("x", "9", "0.5", "2"), prices={"x": [{"from": "0", "to": "2", "price": "1", "block": "1"}]}, units="0.5"
    )

    assert verify_case(case).outcome is CaseOutcome.AGREED
    case["allowances"][0]["valid"] = ["2026-01-01", "2026-01-31"]
    assert verify_case(case).outcome is CaseOutcome.NOT_SUPPORTED


def test_what_an_allowance_leaves_is_cut_into_blocks_inside_each_step():
    steps = [
        {"from": "0", "to": "20", "price": "0.3", "block": "8"},
        {"from": "20", "to": "25", "price": "1", "block": "2"},
        {"from": "30", "to": None, "price": "0.01"},
    ]
    # 3 started blocks of 8 in the first 20, 3 of 2 in the next 5, nothing for 5, and 4 by one.
    case = sequence(("x", "44", "10", "3.94"), ("x", "3", "0", "0.3"), prices={"x": steps}, units=10)

    assert verify_case(case).outcome is CaseOutcome.AGREED


def test_price_finer_than_micro_units_is_exact_beside_allowances_too():
    fine = {"x": [{"price": "0.000000125"}]}
    case = sequence(("x", "5", "2", "0.000000375"), ("x", "3", "0", "0.000000375"), prices=fine, units=2)

    assert verify_case(case).outcome is CaseOutcome.AGREED
    case["expected"]["amounts"][0] = "0.000000376"
    assert verify_case(case).outcome is CaseOutcome.DIFFERS


def test_usage_that_allowances_cover_needs_no_price():
    case = sequence(("x", "4", "4", "0"), ("y", "1", "0", "2"), prices={"y": [{"price": "2"}]}, units=5)

    assert verify_case(case).outcome is CaseOutcome.AGREED
    case["allowances"][0]["units"] = 3
    assert verify_case(case).outcome is CaseOutcome.NOT_SUPPORTED


def test_allowance_may_have_no_end_and_events_an_instant():
    case = sequence(("x", "4", "0", "8"), ("x", "4", "4", "0"), prices={"x": [{"price": "2"}]}, units=5)
    case["allowances"][0]["valid"] = ["2026-02-01", None]
    for event, moment in zip(case["events"], ("2026-01-31T23:59:59+04:00", "2026-02-01T00:00:00+04:00"), strict=True):
        event["event"]["date"] = moment

    assert verify_case(case).outcome is CaseOutcome.AGREED


@pytest.mark.parametrize(
    ("allowance", "reason"),
    [
        ({"units": 5, "rates": []}, "no rate draws"),
        ({"units": 5, "money": 5}, "either of units or of money"),
        ({"units": None}, "either of units or of money"),
        ({"units": "unlimited"}, "'unlimited' is not a decimal"),
        ({"units": -5}, "units: it is below zero"),
        ({"units": 5, "rates": "x"}, "the field allowances[1].rates is 'x', not a list"),
        ({"units": 5, "valid": ["2026-03-01"]}, "valid: ['2026-03-01'] is not the first day and the last"),
        ({"units": 5, "valid": ["2026-03-01", "March"]}, "the field allowances[1].valid[2] is 'March', not a day"),
        ({"units": 5, "priority": 1}, "allowance: unknown fields priority"),
    ],
)
def test_allowance_that_we_cannot_express_is_not_supported(allowance, reason):
    result = verify_case(sequence(("x", "4", "4", "0"), prices={"x": [{"price": "2"}]}, **allowance))

    assert result.outcome is CaseOutcome.NOT_SUPPORTED
    assert reason in result.reason


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"amount": "much"}, "amount: 'much' is not a decimal"),
        ({"event": {"rate": "y", "quantity": 4}}, "event.rate: 'y' has no price"),
        ({"event": None}, "the field events[1].event is 'None', not an object"),
    ],
)
def test_event_of_a_sequence_that_is_damaged_is_not_passed_over(event, reason):
    case = sequence(("x", "4", "0", "8"), prices={"x": [{"price": "2"}]}, units=0)
    case["events"][0].update(event)

    assert reason in verify_case(case).reason


def test_rate_of_other_numbers_that_is_damaged_proves_nothing():
    case = call(called="19", duration_s=1)
    case["expected"] = {"amount": "0"}
    assert verify_case(case).outcome is CaseOutcome.AGREED
    other = case["tariff"]["rates"][1]
    for damage, reason in (
        ({"connect_fee": ""}, "connect_fee: '' is not a decimal"),
        ({"steps": [{"price": "1", "per": 0}]}, "per: 0 is not above zero"),
        ({"weight": "heavy"}, "weight: 'heavy' is not a decimal"),
    ):
        case["tariff"]["rates"][1] = {**other, **damage}

        assert (verify_case(case).outcome, verify_case(case).reason) == (CaseOutcome.NOT_SUPPORTED, reason)


def test_every_event_of_a_sequence_needs_its_amount():
    case = sequence(("x", "4", "4", "0"), prices={"x": [{"price": "2"}]}, units=5)
    case["expected"]["amounts"].append("0")

    assert verify_case(case).reason == "expected.amounts: 2 amounts for 1 events"


def tiered(charge, quantity, amount):
    return {
        "id": "own-3",
        "kind": "tiered_usage",
        "charge": charge,
        "quantity": quantity,
        "expected": {"amount": amount},
    }


BLOCKS: dict[str, Any] = {
    "model": "tiers",
    "tiers": [{"from": "0", "to": "4", "price": "0.5", "block": "2.5"}],
    "access_price": "10",
}


@pytest.mark.parametrize(
    ("charge", "quantity", "amount"),
    [
        (BLOCKS, "3", "11"),
        (BLOCKS, "0", "0"),
        (BLOCKS, "-3", "-11"),
        ({"model": "tiers", "tiers": [{"from": "2", "to": "2", "price": "9"}, {"to": "5", "price": "1"}]}, "4", "2"),
        ({"model": "tiers", "tiers": [{"to": "2", "price": "9", "block": "2"}, {"price": "1"}]}, "2.1", "10"),
        ({"model": "standard", "per_unit": "0.00000001"}, "12", "0.00000012"),
        (
            {**BLOCKS, "tiers": [{"to": None, "price": "1", "block": "3"}], "block_rounding": "none"},
            "1",
            "10.33333333",
        ),
        ({"model": "standard", "per_unit": "0.0000005"}, "4000000.5", "2"),
        ({"model": "standard", "per_unit": "1.5"}, "-2", "-3"),
        ({"model": "package", "package_size": "2", "price": "3", "free_units": None}, "0.5", "3"),
        (
            {"model": "graduated_percentage", "tiers": [{"from_unit": "0", "to_unit": None, "percent": "2"}]},
            "-50",
            "-1",
        ),
    ],
)
def test_charge_by_a_model(charge, quantity, amount):
    result = verify_case(tiered(charge, quantity, amount))

    assert (result.outcome, result.got) == (CaseOutcome.AGREED, amount)


@pytest.mark.parametrize(
    "charge",
    [
        {"model": "auction"},
        {**BLOCKS, "vat": "20"},
        {**BLOCKS, "beyond_last_tier": "charged"},
        {**BLOCKS, "block_rounding": "down"},
        {**BLOCKS, "tiers": []},
        {**BLOCKS, "tiers": [{"to": "2", "price": "1"}, {"from": "1", "to": "3", "price": "1"}]},
        {"model": "graduated", "tiers": [{"from_unit": "0", "to_unit": "5"}, {"from_unit": "7", "to_unit": None}]},
        {"model": "percentage", "percent": "1", "min_per_event": "-1"},
        {"model": "graduated", "tiers": [{"from_unit": "0", "to_unit": "5", "per_unit": "1"}]},
        {"model": "graduated", "tiers": [{"from_unit": "0", "to_unit": None, "percent": "1"}]},
        {"model": "percentage", "percent": "0.0000001"},
        {"model": "package", "price": "1"},
    ],
)
def test_charge_that_we_cannot_express_is_not_supported(charge):
    result = verify_case(tiered(charge, "1", "1"))

    assert (result.outcome, bool(result.reason)) == (CaseOutcome.NOT_SUPPORTED, True)
