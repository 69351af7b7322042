"""Pages of traffic, key accounts, stations and holds: figures, pictures, words, rights (001-22, 001-23, 001-27)."""

import io
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from django.db import transaction
from django.urls import reverse
from openpyxl import load_workbook

from billing_site.jobs.work import drain
from rating.engine.traffic import add_traffic
from rating.models import LegalHold, PremiumStation
from rating.operations.premium_stations import total_premium_calls
from subscribers.models import Account
from tests.factories.rating import make_source
from tests.factories.records import Call, make_records
from tests.factories.tariffs import make_zone
from tests.rating.operations.test_premium_stations import NEWS, NOW, TODAY
from tests.web.wrapped import assert_numbers_wrapped

DAYS = {"first": "2026-03-01", "last": "2026-03-31"}


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def traffic(ani):
    Account.objects.filter(pk=ani.account.pk).update(is_key=True)
    source, zone = make_source(code="X07"), make_zone()
    day = (date(2026, 3, 3) - date(1970, 1, 1)).days
    rows = [
        {
            "day_local": day + n % 2,
            "hour": 8 + n % 3,
            "source_id": source.pk,
            "trunk_in": f"TG-{n % 2}",
            "trunk_out": "",
            "category": "HOME" if n else "BUSINESS",
            "service": 0,
            "zone_id": zone.pk,
            "account_id": ani.account.pk,
            "subscription_id": ani.line.pk,
            "duration": 60,
            "volume": 0,
            "amount_micro": 1_000_000 * n,
            "sign": 1,
        }
        for n in range(6)
    ]
    with transaction.atomic():
        add_traffic(pl.DataFrame(rows, schema_overrides={"day_local": pl.Int32}))
    return source


def test_traffic_is_told_apart_and_drilled_into(client, auditor, traffic):
    """001-22: by exchange, trunk, customer type; a picture with a sentence; a click looks into it."""
    client.force_login(auditor)
    url = reverse("rating:traffic")
    page = client.get(url, {**DAYS, "by": "source"})
    text = page.content.decode()

    assert page.context["sums"]["amount_micro"] == 15_000_000
    assert text.count('<svg class="plot"') == 2
    assert "The busiest hour began at" in text
    assert_numbers_wrapped(text)
    drilled = client.get(url, {**DAYS, "by": "trunk_in", "source": traffic.pk})
    assert [one.key for one in drilled.context["table"].rows] == ["TG-0", "TG-1"]
    assert f"?first=2026-03-01&amp;last=2026-03-31&amp;source={traffic.pk}&amp;by=trunk_in" in text
    for by in ("trunk_out", "category", "service", "usage_category", "day", "hour"):
        shown = client.get(url, {**DAYS, "by": by})
        assert sum(one.amount_micro for one in shown.context["table"].rows) == 15_000_000, by
        assert_numbers_wrapped(shown.content.decode())
    unsaid = client.get(url, {**DAYS, "by": "hour", "trunk_out": "-"})
    assert sum(one.record_count for one in unsaid.context["table"].rows) == 6


def test_traffic_as_a_workbook_has_the_same_figures(client, auditor, traffic):
    client.force_login(auditor)
    answer = client.get(reverse("rating:traffic"), {**DAYS, "by": "category", "export": "xlsx"})
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets[0]

    assert [row[1].value for row in sheet.iter_rows(min_row=2, max_row=3)] == [1, 5]
    assert sheet["E4"].value == "=SUM(E2:E3)"


def test_empty_traffic_says_so(client, auditor, db):
    client.force_login(auditor)
    assert "No traffic in these days." in client.get(reverse("rating:traffic")).content.decode()
    assert client.get(reverse("rating:traffic"), {"first": "2026-03-05", "last": "2026-03-01"}).status_code == 422


def test_key_accounts_lead_to_their_days_and_calls(client, specialist, traffic, ani):
    """001-23: key accounts' traffic followed."""
    client.force_login(specialist)
    page = client.get(reverse("rating:key-accounts"), DAYS).content.decode()
    assert ani.account.number in page
    days = client.get(reverse("rating:key-account", args=[ani.account.pk]), DAYS)
    text = days.content.decode()

    assert [(one.key.day, one.amount_micro) for one in days.context["table"].rows] == [(3, 6_000_000), (4, 9_000_000)]
    assert reverse("rating:account-calls", args=[ani.account.pk]) in text
    assert_numbers_wrapped(text)
    form = {"number": ani.account.number, "is_key": "0"}
    assert client.post(reverse("rating:follow-key-account"), form).status_code == 302
    assert not Account.objects.get(pk=ani.account.pk).is_key
    assert client.post(reverse("rating:follow-key-account"), {**form, "number": "1"}).status_code == 422


def test_station_is_entered_called_and_settled_on_pages(client, specialist, ani):
    """001-27: the station's page and its statement."""
    client.force_login(specialist)
    form = {
        "code": "NEWS", "name_en": "News", "name_ar": "أخبار", "provider": "Daily", "contact_phone": "10 777 777",
        "numbers": f"+{NEWS}", "share_kind": "PERCENT", "share_value": "40", "valid_from": "2026-03-01",
    }  # fmt: skip
    done = client.post(reverse("rating:create-premium-station"), form)
    station = PremiumStation.objects.get()
    assert (station.names, station.share_percent) == ({"en": "News", "ar": "أخبار"}, Decimal(40))
    make_records([Call(line=ani.line, called=NEWS, micro=10_000_000)])
    total_premium_calls(today=TODAY, at=NOW)
    drain("rating.total_premium_day")

    page = client.get(done["Location"])
    assert [one.owed_micro for one in page.context["months"].rows] == [4_000_000]
    assert_numbers_wrapped(page.content.decode())
    listed = client.get(reverse("rating:premium-stations"), DAYS)
    assert [one.customers for one in listed.context["table"].rows] == [1]
    asked = {**DAYS, "export": "xlsx"}
    answer = client.get(reverse("rating:premium-customers", args=[station.pk]), asked)
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets[0]
    assert (sheet["A2"].value, sheet["F2"].value, sheet["F3"].value) == (ani.account.number, 4, "=SUM(F2:F2)")


def test_station_is_changed_and_ended_on_pages(client, specialist, accountant, db):
    client.force_login(specialist)
    form = {
        "code": "NEWS", "name_en": "News", "provider": "Daily", "contact_phone": "10777777", "numbers": NEWS,
        "share_kind": "CALL", "share_value": "1.5", "valid_from": "2026-03-01",
    }  # fmt: skip
    client.post(reverse("rating:create-premium-station"), form)
    station = PremiumStation.objects.get()
    assert station.share_micro == 1_500_000
    contact = {"provider": "Weekly", "contact_phone": "10888888", "contact_address": ""}
    client.post(reverse("rating:change-premium-contact", args=[station.pk]), contact)
    client.post(reverse("rating:end-premium-station", args=[station.pk]), {"until": "2026-04-01"})
    station.refresh_from_db()
    assert (station.provider, station.during.upper) == ("Weekly", date(2026, 4, 1))

    client.force_login(accountant)
    assert client.get(reverse("rating:premium-station", args=[station.pk])).status_code == 200
    assert client.post(reverse("rating:end-premium-station", args=[station.pk])).status_code == 403


def test_hold_is_placed_by_one_person_and_lifted_by_another(client, specialist, approver):
    client.force_login(specialist)
    client.post(reverse("rating:place-legal-hold"), {"first": "2026-03-01", "last": "2026-03-02", "reason": "court"})
    hold = LegalHold.objects.get()
    lift = reverse("rating:lift-legal-hold", args=[hold.pk])
    assert client.post(lift).status_code == 403
    client.force_login(approver)
    client.post(lift)
    hold.refresh_from_db()

    assert hold.lifted_by == approver
    assert "court" in client.get(reverse("rating:legal-holds")).content.decode()
