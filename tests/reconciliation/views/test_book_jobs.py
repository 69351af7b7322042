"""Large files and books are the workers' work: looked at, taken, compared, refused; each repeated without harm."""

import pytest
from django.urls import reverse

from billing_site.core import clock
from billing_site.identity.roles import Role
from billing_site.jobs.models import Job, WorkItem
from billing_site.jobs.work import drain
from reconciliation.models import AccountingFile, BookCase, BookComparison
from reconciliation.operations.book_jobs import COMPARE, TAKE_FILE, begin_comparison, do_accounting_file, do_comparison
from tests.factories.identity import make_staff
from tests.reconciliation.books import FIRST, LAST, make_books, make_classes, plant
from tests.reconciliation.views.test_books import person, send_file
from tests.web.wrapped import bare_numbers

__all__ = ["person"]
pytestmark = pytest.mark.django_db
DAYS = {"first_on": FIRST.isoformat(), "last_on": LAST.isoformat()}


@pytest.fixture(autouse=True)
def all_is_large(monkeypatch):
    """Let a few lines be many."""
    monkeypatch.setattr("reconciliation.views.accounting_files.LARGE_BYTES", 10)
    monkeypatch.setattr("reconciliation.queries.accounting_files.LARGE_BOOKS", 1)


def shown(client, response):
    """Let the workers do it, and return the page of the job."""
    job_id = int(response.url.rstrip("/").rpartition("/")[2])
    assert 'hx-trigger="every 1s"' in client.get(response.url).content.decode()
    drain(Job.objects.get(pk=job_id).kind)
    assert client.get(f"{response.url}panel/")["HX-Refresh"] == "true"
    page = client.get(response.url)
    assert bare_numbers(page.content.decode()) == []
    return page


def test_large_file_is_seen_taken_and_compared_by_the_workers(person, settings, tmp_path):
    """000-01: nothing is kept before it was seen; the five planted cases are there at the end."""
    settings.SALDO_FILES_ROOT = tmp_path
    books = make_books()
    client = person("ACCOUNTANT")
    looked = shown(client, send_file(client, plant(books)))
    assert (looked.context["fault_count"], AccountingFile.objects.count()) == (0, 0)

    loaded = shown(client, client.post(looked.context["load_url"], {"seen": looked.context["seen"]}))
    file = AccountingFile.objects.get()
    assert loaded.context["result_url"] == reverse("reconciliation:accounting-file", args=[file.pk])
    compared = shown(client, client.post(reverse("reconciliation:compare-books"), {"days": f"{FIRST} {LAST}"}))

    comparison = BookComparison.objects.get()
    assert compared.context["result_url"] == reverse("reconciliation:book-comparison", args=[comparison.pk])
    assert (BookCase.objects.count(), compared.context["subject"].result["open"]) == (5, 5)


def test_piece_done_again_changes_nothing(person, settings, tmp_path):
    """A worker that dies before the commit leaves nothing; one told twice finds the file known and the cases there."""
    settings.SALDO_FILES_ROOT = tmp_path
    client = person("ACCOUNTANT")
    looked = shown(client, send_file(client, plant(make_books())))
    client.post(looked.context["load_url"], {"seen": looked.context["seen"]})
    item = WorkItem.objects.get(kind=TAKE_FILE, state="TODO")
    drain(TAKE_FILE)
    do_accounting_file(**item.payload)
    actor = make_staff(Role.ACCOUNTANT)
    job = begin_comparison(first_on=FIRST, last_on=LAST, actor=actor)
    assert begin_comparison(first_on=FIRST, last_on=LAST, actor=actor) == job
    drain(COMPARE)
    do_comparison(job_id=job.pk, **DAYS, actor_id=actor.pk, at=clock.now())

    assert Job.objects.get(pk=item.payload["job_id"]).result["refusal"]["sentence"].startswith("This file was loaded")
    assert (AccountingFile.objects.count(), BookComparison.objects.count(), BookCase.objects.count()) == (1, 1, 5)


def test_what_is_refused_is_said_on_the_page_of_the_job(person, settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path
    make_classes()
    client = person("ACCOUNTANT")
    job = begin_comparison(first_on=FIRST, last_on=LAST, actor=make_staff(Role.ACCOUNTANT))
    drain(COMPARE)
    page = client.get(reverse("reconciliation:book-job", args=[job.pk]))
    wrong = shown(client, send_file(client, ["999;1;0;0;0;0\n"]))

    job.refresh_from_db()
    assert (job.state, BookComparison.objects.count()) == ("FAILED", 0)
    assert "No file of the accounting ledger is loaded for" in page.content.decode()
    assert [(fault["line"], fault["field"]) for fault in wrong.context["faults"]] == [(2, "class")]
    assert person("CLERK").get(reverse("reconciliation:book-job", args=[job.pk])).status_code == 403
