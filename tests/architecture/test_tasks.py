"""Work is started by name; every name leads somewhere."""

import ast
from collections.abc import Iterator

import pytest
from django.conf import settings

from billing_site.celery import app
from billing_site.jobs.work import read_tasks, registered_kinds
from tests.architecture.source import modules, name_of, tree_of

STARTERS = {"enqueue_on_commit": "task", "send_task": "name"}
KIND_STARTERS = {"add_work": "kind", "ring": "kind", "drain": "kind", "do_next": "kind"}


@pytest.fixture(scope="module", autouse=True)
def _tasks() -> None:
    """Whichever test comes first must find every app's tasks read, as a worker has them."""
    read_tasks()


def _named_in_calls(starters: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Give (place, name) of every call of a starter whose name is written out."""
    for path in modules():
        constants = _constants(tree_of(path))
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if called not in starters:
                continue
            given = [word.value for word in node.keywords if word.arg == starters[called]] or node.args[:1]
            for value in given:
                name = constants.get(value.id) if isinstance(value, ast.Name) else getattr(value, "value", None)
                if isinstance(name, str):
                    yield f"{name_of(path)}:{node.lineno}", name


def _constants(tree: ast.Module) -> dict[str, str]:
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def test_tasks_started_by_name_are_registered():
    named = list(_named_in_calls(STARTERS))

    assert named
    assert [(place, name) for place, name in named if name not in app.tasks] == []


def test_kinds_of_work_that_are_added_are_handled():
    handled = set(registered_kinds())

    assert [(place, kind) for place, kind in _named_in_calls(KIND_STARTERS) if kind not in handled] == []


def test_tasks_of_the_schedule_are_registered():
    scheduled = {name: entry["task"] for name, entry in settings.CELERY_BEAT_SCHEDULE.items()}

    assert {name: task for name, task in scheduled.items() if task not in app.tasks} == {}


def test_tasks_are_named_after_their_app():
    ours = {name: task.__module__ for name, task in app.tasks.items() if not name.startswith("celery.")}

    assert {name for name, module in ours.items() if name.partition(".")[0] not in module.split(".")} == set()


def test_tasks_accept_words_that_they_do_not_know():
    """A message of the next version must not break a worker of this one."""
    ours = [task for name, task in app.tasks.items() if not name.startswith("celery.")]

    assert [task.name for task in ours if not _takes_anything(task.run)] == []


def _takes_anything(run: object) -> bool:
    code = run.__func__.__code__ if hasattr(run, "__func__") else run.__code__  # type: ignore[attr-defined]
    return bool(code.co_flags & 0x08)
