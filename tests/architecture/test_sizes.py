"""How large things may be: a reader's eye, held to a number."""

import ast

from tests.architecture.source import ROOT, functions_of, modules, name_of, tree_of

MODULE_LINES = 400
FUNCTION_LINES = 60
TEST_LINES = 40
PLAIN = {"int", "str", "bool", "date", "datetime", "Decimal"}
ROOMS = ("domain", "queries", "operations", "core", "db")


def test_modules_are_short():
    long = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}

    assert {name: lines for name, lines in long.items() if lines > MODULE_LINES} == {}


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count from the first line of the body after the docstring: words that explain are free."""
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return (node.end_lineno or node.lineno) - body[0].lineno + 1


def test_functions_are_short():
    long = {f"{name_of(path)}:{node.name}": _lines(node) for path in modules() for node in functions_of(path)}

    assert {name: lines for name, lines in long.items() if lines > FUNCTION_LINES} == {}


def test_tests_are_short():
    tests = sorted((ROOT / "tests").rglob("test_*.py"))
    long = {f"{name_of(path)}:{node.name}": _lines(node) for path in tests for node in functions_of(path)}

    assert {name: lines for name, lines in long.items() if lines > TEST_LINES} == {}


def test_public_functions_of_the_rooms_have_docstrings():
    silent = [
        f"{name_of(path)}:{node.name}"
        for path in modules()
        if set(path.parent.relative_to(ROOT).parts) & set(ROOMS)
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]

    assert silent == []


def test_public_functions_of_operations_take_keywords_only():
    """Two ids in the wrong order would be somebody else's money."""
    positional = [
        f"{name_of(path)}:{node.name}"
        for path in modules()
        if "operations" in path.parts
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and len(_plain_arguments(node)) > 1
    ]

    assert positional == []


def _plain_arguments(node: ast.FunctionDef) -> list[str]:
    """Return the arguments given by place that are numbers, texts or days: those that can be mixed up unseen."""
    return [one.arg for one in node.args.args if isinstance(one.annotation, ast.Name) and one.annotation.id in PLAIN]


def test_names_of_operations_are_unique():
    names = [
        node.name
        for path in modules()
        if "operations" in path.parts
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]

    assert sorted({name for name in names if names.count(name) > 1}) == []
