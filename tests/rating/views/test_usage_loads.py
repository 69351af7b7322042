"""Usage taken in and rated by hand: screen 19, and what issue 3 asks of a TAP file that disagrees with itself."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from billing_site.jobs.models import Job
from rating.models import UsageFile
from rating.operations.rating_runs import work_on_run
from tests.factories.intake import GOOD
from tests.factories.rating import make_source
from tests.factories.usage_forms import tap_file
from tests.web.wrapped import assert_numbers_wrapped

pytestmark = pytest.mark.django_db
TAP: dict[str, Any] = {"dialect": "TAP_3_12", "column_map": {"rates": {"EUR": "430.5"}}}


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


def load(client, source, content: bytes, *, name: str = "calls.csv"):
    upload = SimpleUploadedFile(name, content)
    return client.post(reverse("rating:load-usage"), {"source": source.pk, "usage": upload}, follow=True)


def test_tap_file_whose_audit_total_disagrees_is_held_and_its_page_shows_both_totals(client, specialist, approver):
    """Issue 3, done means; a second person lets it go on, who loaded it does not."""
    client.force_login(specialist)

    answer = load(client, make_source(**TAP), tap_file(total=351), name="CDABC08.tap")

    page = answer.content.decode()
    file = UsageFile.objects.get()
    assert (file.state, file.loaded_by) == ("HELD", specialist)
    assert "held: nothing is rated yet" in page
    assert re.search(r"charges of <bdi[^>]*>351</bdi>.*add up to <bdi[^>]*>350</bdi>", page)
    assert "You loaded this file. A second person releases it." in page
    assert_numbers_wrapped(page)
    refused = client.post(reverse("rating:rate-usage"), follow=True).content.decode()
    assert "No file is ready to be rated" in refused
    assert not Job.objects.exists()
    client.force_login(approver)
    assert reverse("rating:release-file", args=[file.pk]) in client.get(answer.request["PATH_INFO"]).content.decode()


def test_file_is_loaded_and_rated_from_the_page_and_known_when_it_comes_again(client, specialist, clerk, ani):
    source = make_source()
    content = (GOOD + "\n").encode()
    client.force_login(specialist)

    answer = load(client, source, content)

    assert "It is rated with the next run." in answer.content.decode()
    assert reverse("rating:rate-usage") in answer.content.decode()
    assert "1 file is ready" in re.sub("<[^>]+>", "", client.get(reverse("rating:rate-usage")).content.decode())
    again = load(client, source, content, name="other.csv")
    assert again.status_code == 422
    assert "came already" in again.content.decode()
    client.post(reverse("rating:rate-usage"))
    job = Job.objects.get()
    while work_on_run(job_id=job.pk):
        pass
    file = UsageFile.objects.get()
    assert (file.state, job.started_by) == ("CLOSED", specialist.username)
    client.force_login(clerk)
    assert client.get(reverse("rating:load-usage")).status_code == 403
    assert client.get(reverse("rating:rate-usage")).status_code == 403
