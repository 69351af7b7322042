"""One verb, one noun: the function, the right, the act, the page and its template are called the same."""

import ast
import re

from django.urls import URLPattern, URLResolver, get_resolver

from billing_site.identity.roles import VERBS
from tests.architecture.source import APPS, ROOT, modules, name_of, tree_of

FOUNDATIONS = ("identity", "audit", "ledger", "documents", "jobs", "portal", "console")
VERB = re.compile(r"[a-z]+\.[a-z]+(_[a-z]+)+$")
# Rights to look at something, or to edit reference data in the admin, have no operation.
LOOKING = ("view_", "edit_", "look_", "explain_", "search", "control_")


def _verbs() -> set[str]:
    return {verb for verbs in VERBS.values() for verb in verbs}


def _operations() -> dict[str, set[str]]:
    """Return the public functions of each app's operations; the foundations' of all their modules."""
    found: dict[str, set[str]] = {}
    for path in modules():
        parts = path.relative_to(ROOT).parts
        app = parts[1] if parts[0] == "billing_site" and len(parts) > 2 else parts[0]
        if app in APPS and "operations" not in parts:
            continue
        names = {node.name for node in tree_of(path).body if isinstance(node, ast.FunctionDef)}
        found.setdefault(app, set()).update(name for name in names if not name.startswith("_"))
    return found


def recorded_acts() -> dict[str, str]:
    """Return every act that is recorded by its name, with its place."""
    return {
        node.args[0].value: f"{name_of(path)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "record" and node.args
        if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    }


def _doings() -> set[str]:
    """Return every verb with its noun that is a function of operations, a command, or the name of an address."""
    commands = {path.stem for path in modules() if path.parent.name == "commands"}
    pages = {name.partition(":")[2].replace("-", "_") for name in _url_names(get_resolver())}
    return commands | pages | set().union(*_operations().values())


def test_verbs_of_roles_are_app_and_verb_and_noun():
    assert [verb for verb in sorted(_verbs()) if verb != "console.search" and not VERB.match(verb)] == []


def test_verbs_of_roles_name_apps_that_exist():
    assert {verb.partition(".")[0] for verb in _verbs()} <= {*APPS, *FOUNDATIONS}


def test_verbs_that_do_something_are_operations_commands_or_pages():
    doings = _doings()
    without = [
        verb
        for verb in sorted(_verbs())
        if not verb.partition(".")[2].startswith(LOOKING) and verb.partition(".")[2] not in doings
    ]

    assert without == []


def test_acts_are_named_after_what_was_done():
    doings, verbs = _doings(), _verbs()
    acts = recorded_acts().items()
    wrong = {act: place for act, place in acts if act not in verbs and act.partition(".")[2] not in doings}

    assert {act: place for act, place in wrong.items() if "/management/" not in place} == {}


def _url_names(resolver: URLResolver, prefix: str = "") -> set[str]:
    names = set()
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern) and pattern.name:
            names.add(f"{prefix}{pattern.name}")
        elif isinstance(pattern, URLResolver):
            names |= _url_names(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
    return names


def test_names_of_addresses_have_hyphens():
    ours = {name for name in _url_names(get_resolver()) if name.partition(":")[0] in {*APPS, *FOUNDATIONS}}

    assert [name for name in sorted(ours) if not re.fullmatch(r"[a-z]+:[a-z]+(-[a-z]+)*", name)] == []
