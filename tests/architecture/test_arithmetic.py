"""Money is never a float, and is rounded in one place."""

import ast

import pytest

from tests.architecture.source import modules, name_of, tree_of

MONEY = "billing_site/core/money.py"
BANNED_CALLS = {"float", "round"}
BANNED_METHODS = {"quantize", "to_integral_value", "to_integral", "to_integral_exact"}
# What is no money: seconds of waiting and of measuring, points of a picture.
WITHOUT_MONEY = (
    "billing_site/settings.py",
    "billing_site/local/",
    "billing_site/db/transactions.py",
    "billing_site/db/clock_offset.py",
    "billing_site/console/bench/",
    "billing_site/console/demo/",
    "invoicing/management/commands/",
    "rating/management/commands/",
)


def _findings(tree: ast.Module) -> list[tuple[int, str]]:
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=float()):
                found.append((node.lineno, "float literal"))
            case ast.Call(func=ast.Name(id=name)) if name in BANNED_CALLS:
                found.append((node.lineno, f"{name}()"))
            case ast.Call(func=ast.Attribute(attr=name)) if name in BANNED_METHODS:
                found.append((node.lineno, f".{name}()"))
    return found


def test_arithmetic_outside_money_has_no_float_and_no_rounding():
    checked = [path for path in modules() if name_of(path) != MONEY and not name_of(path).startswith(WITHOUT_MONEY)]

    assert [(name_of(path), *each) for path in checked for each in _findings(tree_of(path))] == []


@pytest.mark.parametrize("bad", ["price * 0.5", "float(price)", "round(price, 2)", "price.quantize(CENT)"])
def test_arithmetic_rule_sees_what_it_forbids(bad: str):
    assert len(_findings(ast.parse(f"due = {bad}"))) == 1
    assert _findings(ast.parse("due = price * 5 // 10")) == []
