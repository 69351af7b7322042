"""The base pages on the sample site: closed by verb, one query, one operation, sent once."""

from io import BytesIO
from uuid import uuid4

import openpyxl
import pytest
from django.urls import reverse

from billing_site.jobs.models import Job
from billing_site.web.models import Submission
from tests.web.wrapped import assert_numbers_wrapped

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample_site")]

FORM = {"title": "New one", "amount": "1 500", "phone": "10 23-45 67", "day": "2026-03-05"}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def worker(client, specialist):
    client.force_login(specialist)
    return client


def test_page_for_nobody_leads_to_the_sign_in(client):
    answer = client.get("/jobs/?state=DONE")

    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/jobs/%3Fstate%3DDONE")


def test_page_without_the_verb_is_refused_with_its_name(client, stranger):
    client.force_login(stranger)

    answer = client.get("/jobs/")

    assert answer.status_code == 403
    assert '<bdi dir="ltr" class="code">console.view_jobs</bdi>' in answer.text


@pytest.mark.parametrize("count", [1, 3, 20])
def test_list_page_queries_do_not_grow(reader, make_jobs, count, django_assert_num_queries):
    make_jobs(count)

    with django_assert_num_queries(3):  # session, person, rows
        answer = reader.get("/jobs/")

    assert answer.text.count("<tr data-href") == count


@pytest.mark.parametrize("language", ["en", "hy", "ru", "zh-hans", "ar"])
def test_list_page_wraps_every_number(reader, make_jobs, language):
    make_jobs(25)

    answer = reader.get("/jobs/?state=", headers={"Accept-Language": language})

    assert_numbers_wrapped(answer.text)
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in answer.text


def test_list_page_filter_stays_in_every_address(reader, make_jobs):
    make_jobs(60, state="DONE")

    answer = reader.get("/jobs/?state=DONE")
    second = reader.get(answer.context["next_url"])

    assert answer.context["workbook_url"] == "/jobs/?state=DONE&export=xlsx"
    assert second.context["next_url"].startswith("/jobs/?state=DONE&at=")
    assert [second.context["page"].first, second.context["page"].last] == [21, 40]


def test_list_page_with_wrong_filter_shows_no_rows(reader, make_jobs):
    make_jobs(3)

    answer = reader.get("/jobs/?state=NOPE&since=yesterday")

    assert answer.status_code == 422
    assert "<tr data-href" not in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_list_page_filtered_to_nothing_offers_all(reader, make_jobs):
    make_jobs(1)

    answer = reader.get("/jobs/?state=PAUSED")

    assert "No row fits this filter." in answer.text


def test_list_page_of_a_sequence_pages_too(reader):
    answer = reader.get("/jobs/words/")
    second = reader.get(answer.context["next_url"])

    assert second.context["page"].rows == ("three",)


def test_list_page_workbook_holds_all_rows_of_the_filter(reader, make_jobs):
    make_jobs(30, state="DONE")
    make_jobs(5, state="PAUSED")

    answer = reader.get("/jobs/?state=DONE&export=xlsx")

    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    criteria = {row[0]: str(row[1]) for row in book.worksheets[1].iter_rows(values_only=True) if row[0]}
    assert (len(rows), rows[1][4], rows[-1][4]) == (32, 29 * 18_340 - 3 * 18_340, "=SUM(E2:E31)")
    assert (criteria["Search"], criteria["As of"][:2]) == ("Done", "20")
    assert answer["Content-Disposition"] == 'attachment; filename="payments.xlsx"'


def test_list_page_workbook_too_long_is_refused_in_words(reader, make_jobs):
    make_jobs(51)

    answer = reader.get("/jobs/?export=xlsx", follow=True)

    assert 'more than <bdi dir="ltr" class="num">50</bdi> rows' in answer.text


def test_detail_page_shows_and_misses(reader, make_jobs):
    (job,) = make_jobs(1)

    assert reader.get(reverse("sample:job", args=[job.pk])).context["title"] == job.title
    missing = reader.get(reverse("sample:job", args=[job.pk + 1]))
    assert (missing.status_code, "There is nothing at this address." in missing.text) == (404, True)


def test_form_page_shows_the_initial_and_a_key(worker):
    answer = worker.get("/jobs/add/")

    assert 'value="Proposed"' in answer.text
    assert 'name="submission_key"' in answer.text
    assert_numbers_wrapped(answer.text)


def test_form_page_carries_out_once_however_often_sent(worker):
    form = {**FORM, "submission_key": str(uuid4())}

    first = worker.post("/jobs/add/", form)
    again = worker.post("/jobs/add/", form, follow=True)

    job = Job.objects.get()
    assert (job.title, job.amount_minor) == ("New one", 1500)
    assert first["Location"] == f"/jobs/{job.pk}/"
    assert again.redirect_chain == [(f"/jobs/{job.pk}/", 302)]
    assert "This was already done; here is the result." in again.text


def test_form_page_while_the_first_is_at_work_does_nothing(worker, specialist):
    key = uuid4()
    Submission.objects.create(key=key, user=specialist, action="x", created_at="2026-03-05T00:00:00Z")

    answer = worker.post("/jobs/add/", {**FORM, "submission_key": str(key)}, follow=True)

    assert "This is being done already." in answer.text
    assert not Job.objects.exists()


def test_form_page_with_somebody_elses_key_is_refused(worker, auditor):
    key = uuid4()
    Submission.objects.create(
        key=key, user=auditor, action="x", created_at="2026-03-05T00:00:00Z", result_url="/secret/"
    )

    answer = worker.post("/jobs/add/", {**FORM, "submission_key": str(key)})

    assert answer.status_code == 403
    assert not Job.objects.exists()


def test_form_page_with_errors_comes_back_as_filled(worker):
    answer = worker.post("/jobs/add/", {**FORM, "amount": "1.2.3"})

    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert 'href="#id_amount"' in answer.text
    assert 'value="1.2.3"' in answer.text
    assert 'aria-describedby="id_amount_error"' in answer.text
    assert not Job.objects.exists()


def test_form_page_refused_by_the_operation_says_why_and_may_be_sent_again(worker):
    form = {**FORM, "title": "taken", "submission_key": str(uuid4())}

    refused = worker.post("/jobs/add/", form, headers={"Accept-Language": "ru"})
    again = worker.post("/jobs/add/", {**form, "title": "free"})

    assert refused.status_code == 422
    assert 'В списке больше <bdi dir="ltr" class="num">5</bdi> строк.' in refused.text
    assert again.status_code == 302


def test_form_page_with_a_fault_of_ours_may_be_sent_again(worker, monkeypatch):
    form = {**FORM, "submission_key": str(uuid4())}
    with monkeypatch.context() as patch:
        patch.setattr("tests.web.site.Job.objects.create", lambda **_: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            worker.post("/jobs/add/", form)

    assert not Submission.objects.exists()
    assert worker.post("/jobs/add/", form).status_code == 302


def test_action_asks_once_in_words(worker, make_jobs):
    (job,) = make_jobs(1)

    answer = worker.get(reverse("sample:pause", args=[job.pk]))

    assert (answer.context["question"], answer.context["back_url"]) == ("Pause", f"/jobs/{job.pk}/")
    assert Job.objects.get().state == "RUNNING"


def test_action_does_it_and_offers_the_way_back(worker, make_jobs):
    (job,) = make_jobs(1)

    answer = worker.post(reverse("sample:pause", args=[job.pk]), follow=True)

    assert Job.objects.get().state == "PAUSED"
    assert 'class="note-line success undo"' in answer.text
    assert 'hx-post="/jobs/"' in answer.text


def test_action_refused_says_so_on_the_page_it_came_from(worker, make_jobs):
    (job,) = make_jobs(1, state="DONE")

    answer = worker.post(reverse("sample:pause", args=[job.pk]), follow=True)

    assert answer.redirect_chain == [(f"/jobs/{job.pk}/", 302)]
    assert 'class="note-line error"' in answer.text
    assert Job.objects.get().state == "DONE"


def test_action_without_the_verb_does_nothing(reader, make_jobs):
    (job,) = make_jobs(1)

    assert reader.post(reverse("sample:pause", args=[job.pk])).status_code == 403
    assert Job.objects.get().state == "RUNNING"


def test_action_from_htmx_leads_the_whole_page(worker, make_jobs):
    (job,) = make_jobs(1)

    answer = worker.post(reverse("sample:pause", args=[job.pk]), headers=HTMX)

    assert (answer.status_code, answer["HX-Redirect"], "Location" in answer) == (200, f"/jobs/{job.pk}/", False)


def test_htmx_after_the_session_ended_loads_the_page_again(client, make_jobs):
    (job,) = make_jobs(1)

    answer = client.get(reverse("sample:panel", args=[job.pk]), headers=HTMX)

    assert (answer.status_code, answer["HX-Refresh"]) == (200, "true")
    assert job.title not in answer.text


def test_failed_page_says_whose_fault_it_is(client):
    client.raise_request_exception = False

    answer = client.get("/jobs/boom/", headers={"Accept-Language": "hy"})

    assert (answer.status_code, "Մեր սխալն է" in answer.text) == (500, True)
