"""Money is never a float, and is rounded in one place."""

import ast
from pathlib import Path

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


def _findings(path: Path) -> list[str]:
    found = []
    for node in ast.walk(tree_of(path)):
        match node:
            case ast.Constant(value=float()):
                found.append(f"{name_of(path)}:{node.lineno} float literal")
            case ast.Call(func=ast.Name(id=name)) if name in BANNED_CALLS:
                found.append(f"{name_of(path)}:{node.lineno} {name}()")
            case ast.Call(func=ast.Attribute(attr=name)) if name in BANNED_METHODS:
                found.append(f"{name_of(path)}:{node.lineno} .{name}()")
    return found


def test_arithmetic_outside_money_has_no_float_and_no_rounding():
    checked = [path for path in modules() if name_of(path) != MONEY and not name_of(path).startswith(WITHOUT_MONEY)]

    assert [finding for path in checked for finding in _findings(path)] == []


def test_arithmetic_rule_sees_what_it_forbids(tmp_path: Path):
    bad = Path(__file__).with_name("test_arithmetic.py")

    assert ast.dump(ast.parse("x.quantize(1); round(2); float(3); 0.5"))
    assert [type(node).__name__ for node in ast.walk(tree_of(bad)) if isinstance(node, ast.Call)]
