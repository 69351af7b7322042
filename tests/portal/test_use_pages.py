"""Use, limits, calls, files of calls and prices on the own pages."""

import io

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from billing_site.audit.models import AuditEntry
from billing_site.core import clock
from billing_site.core.money import MICRO_PER_MAJOR
from billing_site.identity.models import User
from billing_site.jobs.work import drain
from billing_site.portal.models import PortalCallList
from billing_site.portal.operations.files import STAND_IN
from rating.models import CallListOrder, LimitNotice, UsageLimit
from rating.operations.call_list_orders import MAKE_CALL_LIST
from rating.operations.limits import set_usage_limit
from rating.queries.limits import find_held_limit
from subscribers.models import NetworkOrder
from subscribers.queries.bill_settings import BillWishes, find_bill_wishes
from tests.cast import Person
from tests.factories.portal import AT
from tests.factories.rating import load_lines, make_source, rate_all
from tests.factories.records import Call, every_minute, make_records
from tests.factories.tariffs import make_zone
from tests.web.wrapped import assert_numbers_wrapped

DAYS = {"first": "2026-03-01", "last": "2026-03-31", "number": ""}


def set_own_limit(client: Client, person: Person, amount: str):
    return client.post(reverse("my:set-limit", args=[person.account.pk]), {"amount": amount})


def held_limit(person: Person) -> int | None:
    return find_held_limit(account_id=person.account.pk, subscription_id=None, at=clock.now())


def use(person: Person, minutes: int, *, hour: int) -> None:
    """Rate a call at 5.00 a minute."""
    make_zone(prefixes=["99910"])
    line = f"{person.number},99910555555,2026-03-05 {hour:02d}:00:00,{minutes * 60}"
    load_lines(make_source(code=f"X{hour}"), line, name=f"X-{hour}.csv")
    rate_all()


def shown_numbers(response) -> list[str]:
    return [call.shown_called for call, _remark in response.context["rows"]]


def test_lower_of_own_and_operators_limit_holds(ani: Person, ani_in: Client):
    """002-12: subscriber sets 30.00 in the portal, operator 50.00: the lower one holds; changes are in the journal."""
    operators = 50 * MICRO_PER_MAJOR
    set_usage_limit(account_id=ani.account.pk, kind="OPERATOR", amount_micro=operators, at=AT, actor=None)
    assert set_own_limit(ani_in, ani, "٣٠").status_code == 302

    assert held_limit(ani) == 30 * MICRO_PER_MAJOR
    act = AuditEntry.objects.filter(action="rating.set_usage_limit").latest("pk")
    assert (act.actor_name, act.changes["after"], act.changes["kind"]) == (
        "Գրիգորյան Անի Հայկի (own pages)", "30.000000", "SUBSCRIBER",
    )  # fmt: skip
    set_own_limit(ani_in, ani, "")
    assert held_limit(ani) == operators


def test_own_limit_tells_at_80_and_bars_at_100_per_cent(ani: Person, ani_in: Client):
    """002-12, scenario 16: the record that passes 80 % gives a notice, the one that passes 100 % bars."""
    set_own_limit(ani_in, ani, "30")
    use(ani, 5, hour=9)
    assert list(LimitNotice.objects.order_by("percent").values_list("percent", flat=True)) == [50, 80]
    assert not NetworkOrder.objects.exists()
    page = ani_in.get(reverse("my:home")).content.decode()
    assert 'low="50" high="80" optimum="0" value="83"' in page
    assert_numbers_wrapped(page)

    use(ani, 1, hour=10)
    assert NetworkOrder.objects.filter(kind="BAR_OUTGOING").count() == 1
    assert 'value="100"' in ani_in.get(reverse("my:usage")).content.decode()


@pytest.mark.parametrize("amount", ["0", "-5", "much"])
def test_own_limit_of_nothing_is_refused(ani: Person, ani_in: Client, amount: str):
    assert set_own_limit(ani_in, ani, amount).status_code == 422
    assert not UsageLimit.objects.exists()


def test_calls_are_listed_by_pages_with_masked_numbers(ani: Person, ani_in: Client):
    """004-11, 001-17, D12."""
    make_records(every_minute(ani.line, 60))
    url = reverse("my:line-calls", args=[ani.line.pk])
    response = ani_in.get(url, DAYS)
    page = response.content.decode()

    assert len(response.context["rows"]) == 25
    assert response.context["sums"].record_count == 60
    assert "XXX" in page
    assert "99910000059" not in page.replace(" ", "")
    assert_numbers_wrapped(page)
    second = ani_in.get(url, {**DAYS, "at": response.context["page"].next_cursor})
    assert second.context["rows"][0][0].start_at < response.context["rows"][-1][0].start_at
    assert AuditEntry.objects.filter(action="portal.line_calls").count() == 2


def test_calls_before_the_number_changed_hands_are_not_listed(ani: Person, najla: Person, najla_in: Client):
    """3g 7: only the calls of one's own line, whoever has the number."""
    make_records([Call(line=ani.line, calling=najla.number)])

    assert najla_in.get(reverse("my:line-calls", args=[najla.line.pk]), DAYS).context["rows"] == []


@pytest.mark.parametrize("days", [{"first": "2026-03-31", "last": "2026-03-01"}, {"first": "x", "last": "2026-03-01"}])
def test_days_out_of_order_are_refused(ani: Person, ani_in: Client, days: dict[str, str]):
    response = ani_in.get(reverse("my:line-calls", args=[ani.line.pk]), {**days, "number": ""})

    assert response.status_code == 422
    assert_numbers_wrapped(response.content.decode())


def test_scraper_of_calls_is_stopped(ani: Person, ani_in: Client):
    """3g 10: quotas on views of details."""
    url = reverse("my:line-calls", args=[ani.line.pk])
    statuses = [ani_in.get(url, DAYS).status_code for _time in range(301)]

    assert (statuses.count(200), statuses[-1]) == (300, 429)


@pytest.mark.parametrize("kind", ["WORKBOOK", "PAPER"])
def test_calls_as_a_file_are_made_in_the_background(ani: Person, ani_in: Client, kind: str):
    """001-17, 004-11: as xlsx and PDF."""
    make_records(every_minute(ani.line, 3))
    done = ani_in.post(reverse("my:order-calls", args=[ani.line.pk]), {**DAYS, "file_kind": kind})
    waiting = ani_in.get(done.headers["Location"])
    assert "being made" in waiting.content.decode()
    assert_numbers_wrapped(waiting.content.decode())
    drain(MAKE_CALL_LIST)
    listed = PortalCallList.objects.get()
    content = ani_in.get(reverse("my:download-call-file", args=[listed.pk])).getvalue()

    if kind == "PAPER":
        assert content.startswith(b"%PDF-")
    else:
        sheet = load_workbook(io.BytesIO(content)).worksheets[0]
        assert "XXX" in str([cell.value for row in sheet.iter_rows() for cell in row])
    act = AuditEntry.objects.filter(action="rating.download_call_list").get()
    assert act.actor_name == "Գրիգորյան Անի Հայկի (own pages)"


def test_order_of_a_subscriber_is_nobodys_of_the_staff(ani: Person, ani_in: Client):
    ani_in.post(reverse("my:order-calls", args=[ani.line.pk]), {**DAYS, "file_kind": "WORKBOOK"})
    person = CallListOrder.objects.get().ordered_by

    assert (person.username, person.is_active, person.has_usable_password()) == (STAND_IN, False, False)
    assert not User.objects.filter(username=STAND_IN, is_active=True).exists()


def test_price_of_a_plan_is_told_to_anybody(ani: Person):
    """001-24: to, when, how long: amount and rule, without sign-in."""
    make_zone(prefixes=["99910"])
    asked = {"called": "10555123", "day": "2026-03-05", "time": "12:00", "length": "2:00"}
    plan = ani.line.plans.get().plan.code
    response = Client().get(reverse("my:prices"), {**asked, "plan": plan})

    assert response.context["answer"].priced.charge.amount_micro == 10 * MICRO_PER_MAJOR
    assert_numbers_wrapped(response.content.decode())
    assert Client().get(reverse("my:prices"), {**asked, "plan": ""}).status_code == 422


def test_plan_of_anothers_number_cannot_be_asked_for(ani: Person, najla: Person, najla_in: Client):
    """A price from a number would tell its plan: one's own numbers alone are offered."""
    asked = {"called": "10555123", "day": "2026-03-05", "time": "12:00", "length": "2:00", "plan": ""}
    form = najla_in.get(reverse("my:prices")).context["form"]

    assert [number for number, _shown in form.fields["calling"].choices] == ["", najla.number]
    for client in (najla_in, Client()):
        assert client.get(reverse("my:prices"), {**asked, "calling": ani.number}).status_code == 422


def test_called_numbers_are_masked_as_on_the_bill(ani: Person, ani_in: Client):
    """003-11: whole only after the declaration that everybody who uses the lines was told."""
    use(ani, 1, hour=9)
    url = reverse("my:line-calls", args=[ani.line.pk])
    assert shown_numbers(ani_in.get(url, DAYS)) == ["99910555XXX"]
    wishes = reverse("my:bill-wishes", args=[ani.account.pk])
    fields = {"itemisation": "ALL", "has_whole_numbers": "on", "is_large_print": "on"}
    refused = ani_in.post(wishes, fields)
    assert (refused.status_code, find_bill_wishes(account_id=ani.account.pk)) == (422, BillWishes())

    assert ani_in.post(wishes, {**fields, "are_users_told": "on"}).status_code == 302
    assert shown_numbers(ani_in.get(url, DAYS)) == ["99910555555"]
    made = BillWishes(itemisation="ALL", has_whole_numbers=True, is_large_print=True)
    assert find_bill_wishes(account_id=ani.account.pk) == made
    assert AuditEntry.objects.get(action="subscribers.set_bill_setting").actor_name.endswith("(own pages)")
