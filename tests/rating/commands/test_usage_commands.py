import io
import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from billing_site.core import clock
from rating.models import RatedUsage, UsageFile
from tariffs.operations.zone_points import load_zone_points
from tests.factories.rating import make_source
from tests.factories.tariffs import make_zone
from tests.factories.usage_forms import FORMS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


def run(*words):
    """Return (exit code, the JSON that the command printed)."""
    out = io.StringIO()
    try:
        call_command(*words, "--json", stdout=out)
    except SystemExit as ended:
        return ended.code, json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


@pytest.fixture
def usage(tmp_path, ani):
    make_zone(prefixes=["99910"])
    make_source()
    path = tmp_path / "calls.csv"
    start = clock.now().astimezone(clock.operator_zone()).replace(microsecond=0, tzinfo=None)
    path.write_text(f"{ani.number},99910555555,{start},61\nnonsense\n", encoding="utf-8")
    return path


def test_load_and_rate_usage_report_and_exit_codes(usage):
    (tried,) = run("load_usage", str(usage), "--source", "X07", "--dry-run")[1]["files"]
    assert (tried["state"], tried["lines"], tried["can_be_read"]) == ("WOULD_LOAD", 2, 1)
    assert tried["set_aside"] == {"FIELD_COUNT": 1}
    assert not UsageFile.objects.exists()
    assert run("load_usage", str(usage.parent), "--source", "X07")[1]["files"][0]["state"] == "STAGED"
    code, found = run("load_usage", str(usage), "--source", "X07")
    assert (code, found["files"][0]["code"]) == (4, "FILE_ALREADY_KNOWN")
    assert run("rate_usage", "--dry-run")[1]["files"] == [UsageFile.objects.get().pk]
    code, found = run("rate_usage")
    assert (code, found["rated_count"], found["quarantined_count"]) == (3, 1, 1)
    assert RatedUsage.objects.get().amount_micro > 0
    assert run("rate_usage") == (0, {"state": "NOTHING_TO_RATE", "files": []})


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("load_usage", "nowhere.csv", "--source", "X07"), "Type for example"),
        (("load_usage", "nowhere.csv", "--source", "X99"), "one of: X07"),
        (("price", "1", "2", "yesterday", "60"), "type for example"),
        (("price", "1", "2", "2026-03-05", "1m"), "type for example"),
        (("price", "1", "2", "2026-03-05", "1", "--bytes", "1k"), "is not a number of bytes"),
        (("price", "1", "2", "2026-03-05", "1", "--amount", "-1"), "is not an amount"),
        (("price", "1", "2", "2026-03-05", "1", "--amount", "much"), "is not an amount"),
    ],
)
def test_commands_wrong_argument_says_what_to_type(words, says):
    make_source()
    with pytest.raises(CommandError, match=says) as refused:
        call_command(*words)
    assert refused.value.returncode == 2
    assert not UsageFile.objects.exists()


def test_price_equals_the_rated_call(usage, ani):
    """001-24: the price that is looked up is the price that is charged."""
    run("load_usage", str(usage), "--source", "X07")
    run("rate_usage")
    record = RatedUsage.objects.get()
    when = record.start_at.isoformat()
    code, found = run("price", ani.number, "99910555555", when, "61")
    assert (code, int(found["amount"].replace(".", ""))) == (0, record.amount_micro)
    assert found["explanation"]


def test_price_of_no_zone_is_refused(ani):
    err = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("price", ani.number, "0044201632960100", "2026-03-05 10:00:00", "61", stderr=err)
    assert ended.value.code == 4
    assert "No zone begins" in err.getvalue()


def test_price_of_another_service_and_category(ani):
    make_zone(prefixes=["99910"])
    load_zone_points(points={("DATA", "internet"): "LOCAL"}, valid_from=date(2020, 1, 1), actor=None)
    when = ("2026-03-05 12:00:00", "90", "--service", "DATA")

    code, found = run("price", ani.number, "Internet", *when, "--category", "STATE")
    # Without a rate for bytes a session is priced by its seconds.
    assert (code, found["unit"], found["amount"]) == (0, "SECONDS", "10.000000")
    assert (found["category"], found["relation"], found["called"]) == ("STATE", "", "Internet")
    code, found = run("price", ani.number, "99910555555", "2026-03-05", "0", "--service", "MESSAGE", "--events", "2")
    assert (code, found["code"]) == (4, "NO_PRICE")


@pytest.mark.parametrize("name", sorted(FORMS))
def test_load_usage_takes_every_form(tmp_path, name):
    """Issue 3, sources: tried first, then taken, by the same command."""
    form = FORMS[name]
    make_source(dialect=form.dialect, column_map=form.declared)
    path = tmp_path / f"usage.{name}"
    path.write_bytes(form.make())
    (tried,) = run("load_usage", str(path), "--source", "X07", "--dry-run")[1]["files"]
    assert tried["can_be_read"] >= 1
    assert not UsageFile.objects.exists()
    code, found = run("load_usage", str(path), "--source", "X07")
    assert (code, found["files"][0]["lines"]) == (0, tried["lines"])
