from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from billing_site.audit.models import AuditEntry
from billing_site.core import clock
from billing_site.documents.models import StoredFile
from billing_site.identity.models import User
from billing_site.jobs.models import Job
from billing_site.jobs.progress import start_job
from rating.models import Rerating, UsageSource
from subscribers.models import Account
from tariffs.models import PlanVersion, RateDeck
from tests.factories.small_book import SmallBook
from tests.factories.tariffs import make_draft, make_plan

SignedIn = Callable[[str], Client]


def text_of(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined,no-any-return]


def test_home_shows_what_waits_for_the_role(signed_in: SignedIn, small_book: SmallBook):
    shown = text_of(signed_in("ACCOUNTANT").get(reverse("console:home")))

    assert "Open differences of the terminal check" in shown
    assert "Lines in quarantine" not in shown


def test_home_of_who_approves_names_prices_that_wait_and_not_his_own(client: Client, specialist: User, approver: User):
    """A submitted version, a deck with jumps, a re-rating, and the file that did not come."""
    version = make_draft(plan=make_plan(), valid_from=date(2099, 1, 1), maker=specialist)
    PlanVersion.objects.filter(pk=version.pk).update(
        state="SUBMITTED", submitted_by=specialist, submitted_at=clock.now()
    )
    draft = make_draft(plan=make_plan(), valid_from=date(2099, 1, 1), maker=approver)
    deck = {"name": "d", "content": StoredFile.objects.create(sha256="0" * 64, size_bytes=0), "decimal_mark": "."}
    counts = {"prefix_count": 1, "rate_count": 1, "jump_count": 1}
    RateDeck.objects.create(plan_version=draft, loaded_at=clock.now(), loaded_by=specialist, **deck, **counts)
    used = clock.today()
    Rerating.objects.create(
        used_from=used, used_until=used + timedelta(days=1), reason="dear", state="PREVIEWED", proposed_by=specialist
    )
    UsageSource.objects.create(code="X07", name="X07", dialect="MAPPED_CSV", time_zone="UTC", expected_by_minute=0)
    names = ("Plan versions to be approved", "Rate decks whose jumps wait", "Re-ratings to be approved")

    client.force_login(approver)
    shown = text_of(client.get(reverse("console:home")))
    client.force_login(specialist)
    own = text_of(client.get(reverse("console:home")))

    assert [name for name in names if name not in shown] == []
    assert [name for name in names if name in own] == []
    assert "Usage files that did not come" in own


def test_home_with_nothing_that_waits_says_so(signed_in: SignedIn):
    assert "Nothing waits for you." in text_of(signed_in("CLERK").get(reverse("console:home")))


def test_home_shows_jobs_that_run_to_who_may_see_them(signed_in: SignedIn):
    start_job(kind="tests.job", title="Rating of the night", started_by="x")

    assert "Rating of the night" in text_of(signed_in("BILLING_SPECIALIST").get(reverse("console:home")))
    assert "Rating of the night" not in text_of(signed_in("CLERK").get(reverse("console:home")))


def test_search_by_account_number_opens_the_account(signed_in: SignedIn, small_book: SmallBook):
    number = Account.objects.get(pk=small_book.account_id).number

    response = signed_in("CLERK").get(reverse("console:search"), {"q": number})

    assert response.headers["Location"] == reverse("console:account", args=[small_book.account_id])


def test_search_by_telephone_number_opens_its_holder(signed_in: SignedIn, small_book: SmallBook):
    response = signed_in("CLERK").get(reverse("console:search"), {"q": "+999 101 2000 1"})

    assert response.headers["Location"] == reverse("console:account", args=[small_book.account_id])


def test_search_by_bill_number_opens_the_bill(signed_in: SignedIn, small_book: SmallBook):
    found = signed_in("CLERK").get(
        reverse("console:search"), {"q": small_book.invoice_number.lower()}, headers={"HX-Request": "true"}
    )

    assert small_book.invoice_number in text_of(found)


def test_search_while_typing_shows_groups(signed_in: SignedIn, small_book: SmallBook):
    found = signed_in("CLERK").get(reverse("console:search"), {"q": "ani"}, headers={"HX-Request": "true"})

    assert text_of(found).count('role="option"') == 2
    assert "<html" not in text_of(found)


def test_search_by_a_name_of_several_shows_them_all(signed_in: SignedIn, small_book: SmallBook):
    assert text_of(signed_in("CLERK").get(reverse("console:search"), {"q": "ani"})).count("<li>") >= 2


@pytest.mark.parametrize("text", ["", "   ", "nobody at all", "%", "'; --", "\x00", "x" * 500])
def test_search_without_a_hit_says_what_was_looked_for(signed_in: SignedIn, small_book: SmallBook, text: str):
    response = signed_in("CLERK").get(reverse("console:search"), {"q": text})

    assert response.status_code == 200
    assert 'class="empty"' in text_of(response)


def test_account_shows_balance_services_and_panels(signed_in: SignedIn, small_book: SmallBook):
    shown = text_of(signed_in("CALL_DESK").get(reverse("console:account", args=[small_book.account_id])))

    assert "Ani 1" in shown
    for panel in ("bills", "payments", "usage"):
        assert f'hx-get="{reverse(f"console:account-{panel}", args=[small_book.account_id])}"' in shown


def test_account_shows_only_panels_that_the_role_may_open(signed_in: SignedIn, small_book: SmallBook):
    shown = text_of(signed_in("REPAIR_DISPATCHER").get(reverse("console:account", args=[small_book.account_id])))

    assert 'hx-get="/accounts' not in shown


@pytest.mark.parametrize(("panel", "text"), [("bills", "INV-2026-000001"), ("payments", "book:1"), ("usage", "2026")])
def test_account_panel_shows_the_latest_rows(signed_in: SignedIn, small_book: SmallBook, panel: str, text: str):
    shown = text_of(signed_in("AUDITOR").get(reverse(f"console:account-{panel}", args=[small_book.account_id])))

    assert text in shown
    assert "<html" not in shown


def test_jobs_lists_them_and_opens_one(signed_in: SignedIn):
    job = start_job(kind="tests.job", title="Rating of the night", started_by="x")
    client = signed_in("BILLING_SPECIALIST")

    assert "Rating of the night" in text_of(client.get(reverse("console:jobs")))
    assert "Rating of the night" not in text_of(client.get(reverse("console:jobs"), {"state": "DONE"}))
    assert reverse("console:pause-job", args=[job.pk]) in text_of(client.get(reverse("console:job", args=[job.pk])))


def test_job_panel_of_an_ended_job_stops_the_questions(signed_in: SignedIn):
    job = start_job(kind="tests.job", title="Tests", started_by="x")
    client = signed_in("BILLING_SPECIALIST")
    url = reverse("console:job-panel", args=[job.pk])

    assert client.get(url).status_code == 200
    Job.objects.filter(pk=job.pk).update(state="DONE")
    assert client.get(url).status_code == 286


def test_job_is_paused_resumed_and_cancelled_by_who_may(signed_in: SignedIn):
    job = start_job(kind="tests.job", title="Tests", started_by="x")
    client = signed_in("BILLING_SPECIALIST")

    for act, state in (("pause", "PAUSED"), ("resume", "RUNNING"), ("cancel", "CANCELLED")):
        assert client.post(reverse(f"console:{act}-job", args=[job.pk])).status_code == 302
        job.refresh_from_db()
        assert job.state == state
        assert AuditEntry.objects.filter(action=f"console.{act}_job", subject_id=str(job.pk)).count() == 1


def test_job_that_cannot_be_paused_says_so_and_stays(signed_in: SignedIn):
    job = start_job(kind="tests.job", title="Tests", started_by="x")
    Job.objects.filter(pk=job.pk).update(state="DONE")

    response = signed_in("BILLING_SPECIALIST").post(reverse("console:pause-job", args=[job.pk]), follow=True)

    assert "cannot become" in text_of(response)
    assert not AuditEntry.objects.filter(action="console.pause_job").exists()


def test_check_books_button_starts_a_check(signed_in: SignedIn, django_capture_on_commit_callbacks):
    client = signed_in("ACCOUNTANT")
    assert "The books were not checked yet." in text_of(client.get(reverse("console:check-books")))

    with django_capture_on_commit_callbacks() as callbacks:
        client.post(reverse("console:check-books"))

    job = Job.objects.get(kind="console.check_books")
    assert (job.state, job.started_by, len(callbacks)) == ("QUEUED", "Accountant", 1)
    assert "Check of the books" in text_of(client.get(reverse("console:check-books")))


def test_check_books_shows_findings(signed_in: SignedIn):
    row = {"invariant": "ledger.entries_balance", "subject": "entry 5", "detail": "AMD sums to 3"}
    Job.objects.create(
        kind="console.check_books", title="Check of the books", state="DONE", started_by="x", result={"findings": [row]}
    )

    shown = text_of(signed_in("ACCOUNTANT").get(reverse("console:check-books")))

    assert "entry 5" in shown
    assert "Every entry sums to zero" in shown


def test_ledger_account_shows_its_postings_with_their_sign(signed_in: SignedIn, small_book: SmallBook):
    client = signed_in("ACCOUNTANT")

    assert "REVENUE:MOBILE:CALLS" in text_of(client.get(reverse("console:ledger-accounts")))
    shown = text_of(client.get(reverse("console:ledger-account", args=[small_book.ledger_account_id])))
    assert "INVOICE INV-2026-000001" in shown
    assert "PAYMENT" in shown


def test_audit_log_shows_acts_and_filters_them(signed_in: SignedIn, small_book: SmallBook):
    client = signed_in("AUDITOR")

    assert "invoicing.post_bill_run" in text_of(client.get(reverse("console:audit-log")))
    filtered = text_of(client.get(reverse("console:audit-log"), {"person": "book-specialist"}))
    assert "invoicing.plan_bill_run" in filtered
    assert "invoicing.post_bill_run" not in filtered


def test_healthz_answers_strangers(db: None):
    response = Client().get("/healthz")

    assert (response.status_code, text_of(response)) == (200, "ok")
