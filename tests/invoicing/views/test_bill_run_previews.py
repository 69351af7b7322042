from datetime import date

import pytest
from django.urls import reverse

from invoicing.domain.run_rules import AccountRule
from invoicing.models import BillBound, BillRun, BillRunPreview, Invoice, ParkedAccount
from invoicing.operations.bill_run_preview import preview_bill_run
from subscribers.models import Account
from subscribers.operations.payers import appoint_payer
from tests.factories.invoicing import DUE, ISSUED, bill_cycle, calculate, do_all, make_usage_total, starter
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.web.wrapped import assert_numbers_wrapped


@pytest.fixture
def line(db):
    return make_line(account=make_account())


@pytest.fixture
def preview(line) -> BillRunPreview:
    begun = preview_bill_run(cycle_id=make_cycle().pk, issued_on=ISSUED, due_on=DUE, started_by=starter())
    do_all("invoicing.preview_chunk")
    return begun


@pytest.fixture
def march(time_machine):
    time_machine.move_to("2026-03-05 08:00:00+00:00")


def form(**values) -> dict[str, object]:
    return {"cycle": make_cycle().pk, "due_on": "2026-03-25", **values}


def test_preview_is_asked_for_watched_and_read(client, specialist, line, march):
    client.force_login(specialist)

    asked = client.post(reverse("invoicing:preview-bill-run"), form())
    preview = BillRunPreview.objects.get()
    panel = client.get(reverse("invoicing:bill-run-preview-job", args=[preview.pk]))
    do_all("invoicing.preview_chunk")
    page = client.get(asked.url).content.decode()

    assert (asked.status_code, panel.status_code) == (302, 200)
    assert asked.url == reverse("invoicing:bill-run-preview", args=[preview.pk])
    assert line.account.number in page
    assert_numbers_wrapped(page)
    assert (BillRun.objects.count(), Invoice.objects.count()) == (0, 0)


def test_sample_of_a_preview_is_a_pdf_in_each_language(client, specialist, preview, line):
    client.force_login(specialist)
    url = reverse("invoicing:preview-bill-pdf", args=[preview.pk, line.account_id])

    found = [client.get(url, {"language": language}) for language in ("hy", "ar")]

    assert [response.status_code for response in found] == [200, 200]
    assert all(response.content.startswith(b"%PDF") for response in found)
    assert client.get(url, {"language": "xx"}).status_code == 404
    assert Invoice.objects.count() == 0


def test_sample_of_whoever_was_billed_since_leads_back(client, specialist, preview, line):
    bill_cycle(line.account.cycle)
    client.force_login(specialist)

    found = client.get(reverse("invoicing:preview-bill-pdf", args=[preview.pk, line.account_id]), follow=True)

    assert found.redirect_chain == [(reverse("invoicing:bill-run-preview", args=[preview.pk]), 302)]
    assert "Nothing to bill" in found.content.decode()


def test_preview_is_closed_to_clerks(client, clerk, preview):
    client.force_login(clerk)

    assert client.get(reverse("invoicing:bill-run-preview", args=[preview.pk])).status_code == 403
    assert client.post(reverse("invoicing:preview-bill-run"), form()).status_code == 403
    assert BillRunPreview.objects.count() == 1


def test_list_of_previews_leads_to_each(client, specialist, preview):
    client.force_login(specialist)

    page = client.get(reverse("invoicing:bill-run-previews")).content.decode()

    assert reverse("invoicing:bill-run-preview", args=[preview.pk]) in page


def test_start_page_names_what_stands_in_the_way_with_a_link(client, specialist, line, march):
    waiting = calculate(make_cycle(), kind="PILOT", rule=AccountRule(accounts=(line.account.number,)))
    client.force_login(specialist)

    page = client.get(reverse("invoicing:start-bill-run")).content.decode()

    assert "PILOT_UNFINISHED" in page
    assert reverse("invoicing:bill-run", args=[waiting.pk]) in page
    assert_numbers_wrapped(page)


def test_pilot_is_started_by_a_list_pasted_or_uploaded(client, specialist, line, march, tmp_path):
    """004-16: list of account numbers, pasted or uploaded."""
    other = make_line(account=make_account())
    listed = tmp_path / "list.csv"
    listed.write_bytes(f"\ufeff{other.account.number}\r\n".encode())
    client.force_login(specialist)

    with listed.open("rb") as stream:
        values = form(accounts=f"{line.account.number};", account_file=stream)
        answer = client.post(reverse("invoicing:start-bill-run"), values)

    run = BillRun.objects.get()
    assert answer.status_code == 302
    assert (run.kind, run.account_count) == ("PILOT", 2)


def test_finding_is_gone_past_with_a_reason_only(client, specialist, line, march):
    bill_cycle(make_cycle())
    client.force_login(specialist)

    refused = client.post(reverse("invoicing:start-bill-run"), form(overridden="NO_SUCH"))

    assert refused.status_code == 422
    assert BillRun.objects.count() == 1


def test_account_set_aside_is_decided_about_on_its_page(client, specialist, line):
    BillBound.objects.create(category="HOME", parks_negative=True)
    make_usage_total(line, amount_micro=-5_000_000_000)
    run = calculate(make_cycle())
    client.force_login(specialist)
    ids = [run.pk, line.account_id]
    url = reverse("invoicing:accept-parked-account", args=ids)

    work_list = client.get(reverse("invoicing:parked-accounts", args=[run.pk])).content.decode()
    page = client.get(url).content.decode()
    paper = client.get(reverse("invoicing:parked-account-pdf", args=ids), {"language": "hy"})
    again = client.post(reverse("invoicing:recalculate-parked-account", args=ids), {"reason": "Tried."})
    client.post(url, {"reason": "A credit was promised."})

    assert url in work_list
    assert paper.content.startswith(b"%PDF")
    assert again.status_code == 422
    assert_numbers_wrapped(page)
    assert ParkedAccount.objects.get().outcome == "ACCEPTED"


def test_account_that_waits_for_its_payer_leads_to_it(client, specialist, line):
    """000-07: the work list says who waits for whom; once the payer is decided about, both are billed."""
    firm = make_account(name="Firm")
    appoint_payer(account_id=line.account_id, payer_id=firm.pk, from_on=date(2026, 2, 1), actor=None)
    Account.objects.filter(pk=firm.pk).update(currency="USD")
    run = calculate(make_cycle())
    client.force_login(specialist)
    waiting, payer = ([run.pk, key] for key in (line.account_id, firm.pk))
    page = client.get(reverse("invoicing:accept-parked-account", args=waiting)).content.decode()
    mend = reverse("invoicing:recalculate-parked-account", args=payer)
    assert mend in page
    assert firm.number in client.get(reverse("invoicing:parked-accounts", args=[run.pk])).content.decode()
    Account.objects.filter(pk=firm.pk).update(currency="AMD")

    client.post(mend, {"reason": "The currency was wrong."})

    assert set(ParkedAccount.objects.values_list("outcome", flat=True)) == {"MENDED"}
    assert Invoice.objects.filter(run_id=run.pk, state="DRAFT").count() == 2
    assert_numbers_wrapped(page)


def test_bounds_are_set_by_the_specialist_and_seen_by_the_approver(client, specialist, approver, db):
    client.force_login(specialist)
    url = reverse("invoicing:set-bill-bound", args=["HOME"])

    assert client.get(url).status_code == 200
    client.post(url, {"parks_negative": "on", "times": "5", "floor_minor": "2000"})
    client.force_login(approver)
    page = client.get(reverse("invoicing:bill-bounds")).content.decode()

    bound = BillBound.objects.get()
    assert (bound.times, bound.floor_minor, bound.parks_zero, bound.changed_by) == (5, 2000, False, specialist)
    assert url not in page
    assert client.post(url, {"times": "9"}).status_code == 403
    assert client.get(reverse("invoicing:set-bill-bound", args=["NOBODY"])).status_code == 403
