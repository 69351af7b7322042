"""A deck on the screen: shown before anything is written, taken on a second press, its jumps confirmed by another."""

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tariffs.models import PlanVersion, Rate, RateDeck
from tests.factories.tariffs import make_draft, make_plan, make_zone
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
    answer = client.post(url, {"deck": deck, "decimal_mark": "."})
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
    client.post(reverse("tariffs:load-rate-deck", args=[draft.pk]), {"seen": seen_in(answer)})
    assert RateDeck.objects.get().name == "march.csv"
    assert Rate.objects.filter(plan_version=draft).count() == 2


def test_deck_with_faults_names_its_cells_and_offers_no_button(client, specialist, draft):
    client.force_login(specialist)

    answer = page_of(client, draft, "44,FAR,015", "4 4,FAR,9")

    page = answer.content.decode()
    assert answer.status_code == 422
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

    for version, token in ((other, seen), (draft, "made up")):
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
