"""What a draft would do, on its pages: asked for, watched, cancelled, read, as a workbook; closed to others."""

from decimal import Decimal

import pytest
from django.urls import reverse

from billing_site.jobs.models import Job
from billing_site.jobs.work import drain
from rating.engine.stages import PREVIEW_PIECE
from rating.models import PlanPreview
from tests.factories.previews import preview, standard, try_plan
from tests.web.wrapped import assert_numbers_wrapped


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def tried(specialist):
    return try_plan(maker=specialist)


def ask(client, tried, **values):
    url = reverse("rating:preview-plan-version", args=[tried.draft.pk])
    return client.post(url, {"first_month": "2026-02-01", "month_count": "1", **values})


def test_specialist_asks_watches_and_reads(client, specialist, tried):
    """000-10, 004-15: from the version to the question, the panel and the figures."""
    client.force_login(specialist)
    previews = reverse("rating:plan-previews", args=[tried.draft.pk])
    assert previews in client.get(reverse("tariffs:plan-version", args=[tried.draft.pk])).text
    assert reverse("rating:preview-plan-version", args=[tried.draft.pk]) in client.get(previews).text
    assert "2026-02" in client.get(reverse("rating:preview-plan-version", args=[tried.draft.pk])).text

    answer = ask(client, tried, month_count="١")

    asked = PlanPreview.objects.get()
    assert answer.url == reverse("rating:plan-preview", args=[asked.pk])
    watching = client.get(answer.url).text
    assert reverse("rating:cancel-plan-preview", args=[asked.pk]) in watching
    assert client.get(reverse("rating:plan-preview-job", args=[asked.pk])).status_code == 200
    drain(PREVIEW_PIECE)
    assert client.get(reverse("rating:plan-preview-job", args=[asked.pk])).status_code == 286
    page = client.get(answer.url)
    assert page.context["totals"].account_count == 5
    assert "<svg" in page.text
    assert "has changed since" not in page.text
    assert_numbers_wrapped(page.text)


def test_figures_are_the_ones_that_were_found(client, approver):
    tried = try_plan(rates=[standard("LOCAL", 10)])
    asked = preview(tried)
    client.force_login(approver)

    page = client.get(reverse("rating:plan-preview", args=[asked.pk]))

    totals = page.context["totals"]
    assert totals.percent == (Decimal(totals.change_micro * 100) / (totals.old_micro - totals.unpriced_micro)).quantize(
        Decimal("0.1")
    )
    assert page.context["fee_change_micro"] == 5 * 200_000_000
    assert [zone.code for zone in page.context["unpriced_zones"]] == ["FAR"]
    assert "cannot price everything" in page.text
    assert_numbers_wrapped(page.text)


def test_lists_are_workbooks_too(client, specialist, tried):
    asked = preview(tried)
    client.force_login(specialist)

    for name in ("plan-preview-accounts", "plan-preview-zones"):
        url = reverse(f"rating:{name}", args=[asked.pk])
        assert_numbers_wrapped(client.get(url).text)
        assert client.get(url, {"export": "xlsx"}).getvalue()[:2] == b"PK"


def test_approver_cancels(client, approver, tried):
    client.force_login(approver)
    ask(client, tried)
    asked = PlanPreview.objects.get()

    client.post(reverse("rating:cancel-plan-preview", args=[asked.pk]))

    assert Job.objects.get(pk=asked.job_id).state == Job.State.CANCELLED
    page = client.get(reverse("rating:plan-preview", args=[asked.pk])).text
    assert "0</bdi> of" in page


def test_refusal_brings_the_form_back(client, specialist, tried):
    client.force_login(specialist)
    ask(client, tried)

    again = ask(client, tried)

    assert again.status_code == 422
    assert "still under way" in again.text
    assert PlanPreview.objects.count() == 1


def test_pages_are_closed_to_others(client, clerk, auditor, tried):
    asked = preview(tried)
    names = [("plan-previews", tried.draft.pk), ("preview-plan-version", tried.draft.pk)]
    names += [(f"plan-preview{part}", asked.pk) for part in ("", "-job", "-accounts", "-zones")]
    names += [("cancel-plan-preview", asked.pk)]

    for person in (clerk, auditor):
        client.force_login(person)
        assert {client.get(reverse(f"rating:{name}", args=[pk])).status_code for name, pk in names} == {403}
    assert ask(client, tried).status_code == 403
    assert PlanPreview.objects.count() == 1


def test_what_is_not_there_is_not_found(client, specialist):
    client.force_login(specialist)

    for name in ("plan-previews", "preview-plan-version", "plan-preview", "plan-preview-accounts", "plan-preview-job"):
        assert client.get(reverse(f"rating:{name}", args=[999_999])).status_code == 404, name
