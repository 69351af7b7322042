"""``manage.py run_dunning``: counts, does, refuses."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from billing_site.core import clock
from payments.models import DunningAct, DunningRun
from tests.factories.dunning import make_debt, make_policy
from tests.factories.subscribers import make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def debtor():
    make_policy(valid_from=clock.today() - timedelta(days=90))
    account = make_account()
    make_debt(account, 1500, due_on=clock.today() - timedelta(days=20))
    make_debt(make_account(), 50, due_on=clock.today() - timedelta(days=20))
    return account


def run(*words):
    out = StringIO()
    call_command("run_dunning", *words, stdout=out)
    return out.getvalue()


def test_dry_run_counts_and_writes_nothing(debtor):
    text = run("--dry-run")
    found = json.loads(run("--dry-run", "--json"))

    assert "1 accounts would be dunned" in text
    assert [(row["step"], row["accounts"], row["overdue_minor"]) for row in found["steps"]] == [(1, 1, 1500)]
    assert found["left_alone"] == {"BELOW_MINIMUM": 1}
    assert not DunningRun.objects.exists()


def test_run_does_it_once(debtor):
    first = json.loads(run("--inline", "--json"))
    again = json.loads(run("--inline", "--json"))

    assert first == again
    assert (first["state"], first["steps"], DunningAct.objects.count()) == ("DONE", 1, 1)


def test_day_ahead_and_unknown_person_are_refused(debtor):
    with pytest.raises(CommandError) as ahead:
        run("--as-of", str(clock.today() + timedelta(days=1)))
    with pytest.raises(CommandError) as unknown:
        run("--by", "nobody-of-this-name")

    assert (ahead.value.returncode, unknown.value.returncode) == (4, 2)
    assert not DunningRun.objects.exists()
