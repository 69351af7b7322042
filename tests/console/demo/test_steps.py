"""Waiting for work, and saying what stands in its way."""

from datetime import timedelta

import pytest

from billing_site.console.demo import steps
from billing_site.console.demo.steps import Step, WorkersDoNotAnswer, Workforce, WorkWasParked, is_done, run_steps
from billing_site.core import clock
from billing_site.jobs.models import WorkItem
from billing_site.jobs.work import handles

KIND = "tests.demo_work"
done: list[int] = []


@handles(KIND)
def do_it(payload):
    if payload["n"] < 0:
        raise ValueError("no such thing")
    done.append(payload["n"])


@pytest.fixture(autouse=True)
def items(fresh_database):
    yield
    WorkItem.objects.filter(kind=KIND).delete()
    done.clear()


def add(n: int) -> WorkItem:
    return WorkItem.objects.create(kind=KIND, key=str(n), payload={"n": n})


def test_work_is_done_in_this_process():
    for n in range(3):
        add(n)

    Workforce(is_inline=True).finish([KIND])

    assert done == [0, 1, 2]


def test_work_that_a_dead_process_had_in_hand_is_waited_for():
    item = add(7)
    WorkItem.objects.filter(pk=item.pk).update(attempt=1, claimed_until=clock.machine_now() + timedelta(seconds=1))

    Workforce(is_inline=True).finish([KIND])

    assert done == [7]


def test_work_that_failed_three_times_is_named():
    add(-1)

    with pytest.raises(WorkWasParked) as refused:
        Workforce(is_inline=True).finish([KIND])

    assert "no such thing" in refused.value.message


def test_workers_that_do_not_answer_are_named(monkeypatch):
    monkeypatch.setattr(steps, "PATIENCE_SECONDS", 0)
    add(1)

    with pytest.raises(WorkersDoNotAnswer):
        Workforce().finish([KIND])

    assert done == []


def test_step_is_done_once_and_says_so():
    said: list[str] = []
    acts: list[int] = []

    def greet() -> dict[str, object]:
        acts.append(1)
        return {"times": len(acts), "to": ["x"]}

    step = Step(key="greet", title="Greeting", act=greet)

    for _ in range(2):
        run_steps([step], say=said.append)

    assert acts == [1]
    assert is_done("greet")
    assert said[0].endswith("Greeting: times 1")
    assert said[1] == "  done before  Greeting"


def test_step_that_fails_is_not_done():
    def fail():
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        run_steps([Step(key="fail", title="Failing", act=fail)], say=lambda _: None)

    assert not is_done("fail")
