"""The command that proposes to price usage again, and goes on with what was approved."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from rating.models import RatedUsage, Rerating
from rating.operations.rerating import approve_rerating
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.rerating import APPROVED_AT, second
from tests.factories.tariffs import make_plan, make_zone

pytestmark = pytest.mark.django_db
MARCH = ("--from", "2026-03-01", "--to", "2026-03-31", "--reason", "late")


@pytest.fixture
def used(settings, tmp_path, ani):
    settings.SALDO_FILES_ROOT = tmp_path / "files"
    make_zone(prefixes=["99910"])
    load_lines(make_source(), f"{ani.number},99910555555,2026-03-05 10:00:00,61")
    rate_all()


def rerate(*words):
    """Return (exit code, the JSON that the command printed)."""
    out = io.StringIO()
    try:
        call_command("rerate_usage", *words, "--json", stdout=out)
    except SystemExit as ended:
        return ended.code, json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def test_rerate_usage_proposes_and_goes_on_after_approval(used, ani):
    assert rerate(*MARCH, "--dry-run") == (0, {"state": "WOULD_PROPOSE", "accounts": 1, "records": 1})
    assert not Rerating.objects.exists()
    cheap = make_plan(code="CHEAP")
    ani.line.plans.update(plan=cheap)
    code, found = rerate(*MARCH, "--plan", "CHEAP", "--zone", "LOCAL", "--account", ani.account.number)
    assert (code, found["state"], found["accounts"], found["records"]) == (0, "PREVIEWED", 1, 1)
    approve_rerating(rerating_id=found["rerating"], approved_at=APPROVED_AT, actor=second())
    code, found = rerate("--go-on", str(found["rerating"]))
    assert (code, found["state"], RatedUsage.objects.count()) == (0, "DONE", 3)


def test_rerate_usage_says_what_has_no_price(used, ani):
    ani.line.plans.all().delete()
    code, found = rerate(*MARCH)
    assert (code, found["unpriced"], found["records"]) == (3, 1, 0)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--from", "2026-03-01"), 2, "--to"),
        ((*MARCH, "--plan", "NONE"), 2, "There are: "),
        ((*MARCH, "--account", "4711"), 2, "no account 4711"),
        (("--go-on", "4711"), 2, "no re-rating 4711"),
        (("--from", "2026-03-02", "--to", "2026-03-01", "--reason", "x"), 4, "days that are past"),
        (MARCH[:-2], 4, "reason"),
    ],
)
def test_rerate_usage_refuses(used, words, code, says):
    with pytest.raises(CommandError, match=says) as refused:
        call_command("rerate_usage", *words)
    assert refused.value.returncode == code
    assert not Rerating.objects.exists()
