"""A deck on the screen: shown before anything is written, taken on a second press, its jumps confirmed by another."""

import io
import re
from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from billing_site.jobs.models import Job
from billing_site.jobs.work import drain
from tariffs.models import PlanVersion, Rate, RateDeck, ZonePrefix
from tariffs.operations.deck_orders import PREVIEW
from tariffs.operations.deck_preview import DeckInput
from tariffs.operations.long_work import LOAD, PUBLISH, VersionBeingWorkedOn, order_rate_deck
from tests.factories.tariffs import make_draft, make_plan, make_zone, submit
from tests.web.wrapped import assert_numbers_wrapped

HEAD = "prefix,zone,price"


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


@pytest.fixture
def draft(specialist) -> PlanVersion:
    make_zone(code="FAR", prefixes=["44"])
    return make_draft(plan=make_plan(), valid_from=date(2026, 4, 1), maker=specialist)


def page_of(client, draft: PlanVersion, *lines: str):
    deck = SimpleUploadedFile("march.csv", "\n".join((HEAD, *lines)).encode())
    url = reverse("tariffs:load-rate-deck", args=[draft.pk])
    answer = client.post(url, {"deck": deck, "decimal_mark": "."}, follow=True)
    assert_numbers_wrapped(answer.content.decode())
    return answer


def seen_in(answer) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', answer.content.decode())
    assert found is not None
    return found[1]


def test_deck_is_shown_first_and_taken_on_the_second_press(client, specialist, draft):
    client.force_login(specialist)

    answer = page_of(client, draft, "99910,LOCAL,7.50", "44,FAR,1234567.891")

    assert "Nothing was written yet." in answer.content.decode()
    assert not RateDeck.objects.exists()
    answered = client.get(answer.redirect_chain[-1][0], {"export": "xlsx"})
    rows = list(
        load_workbook(io.BytesIO(b"".join(answered.streaming_content))).worksheets[0].iter_rows(values_only=True)
    )
    assert {row[0] for row in rows} >= {"FAR", "LOCAL"}
    client.post(reverse("tariffs:load-rate-deck", args=[draft.pk]), {"seen": seen_in(answer)})
    assert RateDeck.objects.get().name == "march.csv"
    assert Rate.objects.filter(plan_version=draft).count() == 2


def test_deck_with_faults_names_its_cells_and_offers_no_button(client, specialist, draft):
    client.force_login(specialist)

    answer = page_of(client, draft, "44,FAR,015", "4 4,FAR,9")

    page = answer.content.decode()
    assert "refused as a whole" in page
    assert "C2" in page
    assert "A3" in page
    assert 'name="seen"' not in page


def test_deck_shown_before_the_draft_moved_on_is_refused(client, specialist, draft):
    client.force_login(specialist)
    seen = seen_in(page_of(client, draft, "44,FAR,9"))
    PlanVersion.objects.filter(pk=draft.pk).update(revision=1)

    answer = client.post(reverse("tariffs:load-rate-deck", args=[draft.pk]), {"seen": seen})

    assert "moved on" in answer.content.decode()
    assert not RateDeck.objects.exists()


def test_deck_of_another_version_or_made_up_is_not_taken(client, specialist, draft):
    client.force_login(specialist)
    seen = seen_in(page_of(client, draft, "44,FAR,9"))
    other = make_draft(plan=draft.plan, valid_from=date(2026, 5, 1), maker=specialist)

    for version, token in ((other, seen), (draft, "made up"), (draft, "999999999")):
        url = reverse("tariffs:load-rate-deck", args=[version.pk])
        assert client.post(url, {"seen": token}).status_code == 404
    assert not RateDeck.objects.exists()


def test_jumps_are_confirmed_by_the_approver(client, specialist, approver, draft):
    client.force_login(specialist)
    seen = seen_in(page_of(client, draft, "99910,LOCAL,500"))
    client.post(reverse("tariffs:load-rate-deck", args=[draft.pk]), {"seen": seen})
    deck = RateDeck.objects.get()
    client.force_login(approver)
    assert "Confirm the jumps" in client.get(reverse("tariffs:plan-version", args=[draft.pk])).content.decode()

    client.post(reverse("tariffs:confirm-rate-deck", args=[deck.pk]))

    deck.refresh_from_db()
    assert deck.confirmed_by == approver


def test_file_that_is_no_table_comes_back_with_words(client, specialist, draft):
    client.force_login(specialist)
    deck = SimpleUploadedFile("march.xls", b"\xd0\xcf\x11\xe0rest")

    answer = client.post(reverse("tariffs:load-rate-deck", args=[draft.pk]), {"deck": deck, "decimal_mark": "."})

    assert answer.status_code == 422
    assert "without a password" in answer.content.decode()


def test_large_deck_is_taken_and_published_by_a_worker_and_its_refusal_is_on_the_page(
    client, specialist, approver, draft, monkeypatch
):
    for view in ("rate_decks", "versions"):
        monkeypatch.setattr(f"tariffs.views.{view}.LONG_PREFIXES", 1)
    client.force_login(specialist)
    page = reverse("tariffs:plan-version", args=[draft.pk])
    shown = seen_in(page_of(client, draft, "44,FAR,9", "45,FAR,9"))

    client.post(reverse("tariffs:load-rate-deck", args=[draft.pk]), {"seen": shown})

    busy = client.get(page).content.decode()
    assert f'id="job-{Job.objects.get(kind=LOAD).pk}"' in busy
    assert reverse("tariffs:edit-plan-version", args=[draft.pk]) not in busy
    with pytest.raises(VersionBeingWorkedOn):
        order(draft)
    drain(LOAD)
    assert (RateDeck.objects.get().prefix_count, Job.objects.get(kind=LOAD).state) == (2, "DONE")
    assert client.get(reverse("tariffs:plan-version-job", args=[draft.pk])).status_code == 286
    assert reverse("tariffs:edit-plan-version", args=[draft.pk]) in client.get(page).content.decode()
    order(PlanVersion.objects.get(pk=draft.pk))
    drain(LOAD)
    assert "No changes: the draft and the prefixes say all of deck" in client.get(page).content.decode()

    submit(PlanVersion.objects.get(pk=draft.pk), actor=specialist)
    client.force_login(approver)
    client.post(reverse("tariffs:publish-plan-version", args=[draft.pk]))
    drain(PUBLISH)
    assert PlanVersion.objects.get(pk=draft.pk).approved_by == approver
    assert ZonePrefix.objects.filter(prefix="45").exists()


def test_deck_that_takes_longer_is_previewed_by_a_worker_with_its_progress(client, specialist, draft, monkeypatch):
    """The clerk does not wait: the page has the panel of a job, and comes anew once the worker has ended."""
    monkeypatch.setattr("tariffs.operations.deck_orders.AT_ONCE_BYTES", 1)
    client.force_login(specialist)

    answer = page_of(client, draft, "99910,LOCAL,7.50", "44,FAR,015")

    job = Job.objects.get()
    address = answer.redirect_chain[-1][0]
    assert f'id="job-{job.pk}"' in answer.content.decode()
    assert client.get(f"{address}job/").status_code == 200
    assert (
        reverse("tariffs:edit-plan-version", args=[draft.pk])
        in client.get(reverse("tariffs:plan-version", args=[draft.pk])).content.decode()
    )
    drain(PREVIEW)
    ended = client.get(f"{address}job/")
    assert (ended.status_code, ended["HX-Refresh"]) == (286, "true")
    page = client.get(address).content.decode()
    assert_numbers_wrapped(page)
    assert "refused as a whole" in page
    assert "is a mark lost?" in page
    assert not RateDeck.objects.exists()
    no_table = SimpleUploadedFile("march.xls", b"\xd0\xcf\x11\xe0rest")
    url = reverse("tariffs:load-rate-deck", args=[draft.pk])
    address = client.post(url, {"deck": no_table, "decimal_mark": "."}).url
    drain(PREVIEW)
    failed = client.get(address).content.decode()
    assert "without a password" in failed
    assert "Choose another file" in failed


def test_deck_shown_of_a_draft_that_changed_since_offers_no_button(client, specialist, draft):
    client.force_login(specialist)
    answer = page_of(client, draft, "44,FAR,9")
    PlanVersion.objects.filter(pk=draft.pk).update(revision=1)

    page = client.get(answer.redirect_chain[-1][0]).content.decode()

    assert "changed since" in page
    assert 'name="seen"' not in page


def order(draft: PlanVersion) -> None:
    content = b"prefix,zone,price\n44,FAR,9\n45,FAR,9"
    deck = DeckInput(content=content, name="march.csv", decimal_mark=".")
    now = datetime(2026, 3, 5, tzinfo=UTC)
    assert draft.created_by is not None
    order_rate_deck(
        version_id=draft.pk,
        seen_revision=draft.revision,
        deck=deck,
        today=now.date(),
        loaded_at=now,
        actor=draft.created_by,
    )
