"""Sources kept as data, tried on a file before use: issue 3, sources; product row 001-01."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from billing_site.audit.models import AuditEntry
from billing_site.identity.roles import Role
from rating.forms.sources import source_fields
from rating.models import GapExplanation, UsageFile, UsageSource
from rating.operations.sequence_gaps import GapNotThere, explain_gap
from rating.operations.usage_files import ReasonMissing
from rating.queries.intake import sequence_gaps
from tests.factories.identity import make_staff
from tests.factories.intake import GOOD
from tests.factories.rating import ARRIVED_AT, load_lines, make_source
from tests.factories.usage_forms import FIXED, fixed_file, tap_file
from tests.web.wrapped import assert_numbers_wrapped

PLAIN = {
    "code": "X07",
    "name": "Exchange 7",
    "dialect": "MAPPED_CSV",
    "encoding": "utf-8",
    "time_zone": "Asia/Yerevan",
    "day_tolerance": "1",
    "breaker_percent": "50",
    "expected_by": "06:30",
    "is_active": "on",
    "field_count": "4",
    "column_calling": "0",
    "column_called": "1",
    "column_started_at": "2",
    "column_duration_seconds": "3",
}
NAMED = {
    "columns": {"calling": 0, "called": 1, "started_at": 2, "duration_seconds": 3},
    "name_pattern": "(?P<sequence>[0-9]+)",
}


OTHERWISE = "99910300000,99910555555,31.12.2025 19:04:10,0:01:30\n"


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    settings.SALDO_FILES_ROOT = tmp_path / "files"


def sent(content, name="calls.csv"):
    return SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())


def test_source_is_added_by_a_form_of_fields(client, specialist):
    client.force_login(specialist)
    response = client.post(reverse("rating:create-usage-source"), {**PLAIN, "session_hours": "12"})
    source = UsageSource.objects.get()
    assert response.url == reverse("rating:usage-source", args=[source.pk])
    assert source.column_map == {
        "columns": {"calling": 0, "called": 1, "started_at": 2, "duration_seconds": 3},
        "field_count": 4,
        "session_hours": 12,
    }
    assert source_fields(source)["session_hours"] == 12
    assert source.expected_by_minute == 390
    page = client.get(response.url).content.decode()
    assert "Exchange 7" in page
    assert "06:30" in page
    assert "Seconds charged" in page
    assert_numbers_wrapped(page)
    assert source.code in client.get(reverse("rating:usage-sources")).content.decode()


def test_source_is_tried_on_a_file_and_nothing_is_written(client, specialist):
    """Twenty records as read, totals by outcome, each fault with line, field, value, expectation and remedy."""
    client.force_login(specialist)
    bad = GOOD.replace("10:00:00", "24:00:00")
    short = GOOD.replace("99910300000", "7")
    tried = {**PLAIN, "try": "1", "file": sent("\n".join([GOOD, bad, short, *[GOOD] * 30]))}
    page = client.post(reverse("rating:create-usage-source"), tried).content.decode()
    assert page.count("<td>") > 100
    assert "Line <bdi" in page
    assert "24:00:00" in page
    assert "Not a time" in page
    assert "too short" in page
    assert_numbers_wrapped(page)
    assert not UsageSource.objects.exists()
    assert not UsageFile.objects.exists()


@pytest.mark.parametrize(
    ("changes", "content", "words"),
    [
        ({"dialect": "TAP_3_12", "more": '{"rates": {"EUR": "430.5"}}'}, tap_file(total=351), ("351", "350", "ABC08")),
        ({"dialect": "MAPPED_CSV", "has_header": "on", "column_calling": "from"}, "a,b,c,d\n", ("header lacks",)),
        ({"dialect": "MAPPED_CSV", "column_calling": ""}, GOOD, ("calling",)),
        ({"more": "{"}, GOOD, ("not JSON",)),
        ({"time_format": "DAY_FIRST", "duration_format": "CLOCK"}, OTHERWISE, ("2025-12-31", "1:30")),
        ({"time_zone": "Mars"}, GOOD, ("cannot be read",)),
        ({}, b"PK\x03\x04", ("cannot be unpacked",)),
    ],
)
def test_trial_shows_what_the_file_says_or_what_is_wrong(client, specialist, changes, content, words):
    client.force_login(specialist)
    tried = {**PLAIN, **changes, "try": "1", "file": sent(content)}
    page = client.post(reverse("rating:create-usage-source"), tried).content.decode()
    assert all(word in page for word in words), page
    assert not UsageSource.objects.exists()


def test_fixed_width_is_edited_and_its_history_kept(client, specialist):
    source = make_source(dialect="FIXED_WIDTH", column_map=FIXED, expected_by_minute=1_500)
    client.force_login(specialist)
    url = reverse("rating:edit-usage-source", args=[source.pk])
    form = client.get(url).context["form"]
    assert form.initial["column_calling"] == "3+15"
    fields = {name: value for name, value in form.initial.items() if value not in (None, False)}
    tried = client.post(url, {**fields, "try": "1", "file": sent(fixed_file())}).content.decode()
    assert "99910555555" in tried
    client.post(url, {**fields, "column_call_ref": "53+9"})
    source.refresh_from_db()
    assert source.column_map == {**FIXED, "places": {**FIXED["places"], "call_ref": [53, 9]}}
    assert source.expected_by_minute == 1_500
    entry = AuditEntry.objects.get(action="rating.edit_usage_source")
    assert entry.changes["before"]["column_map"] == FIXED
    assert "column_map" in client.get(reverse("rating:usage-source", args=[source.pk])).content.decode()


def test_same_code_twice_is_refused(client, specialist):
    make_source()
    client.force_login(specialist)
    page = client.post(reverse("rating:create-usage-source"), PLAIN).content.decode()
    assert "There is a source" in page
    assert UsageSource.objects.count() == 1


@pytest.mark.parametrize("role", [Role.CLERK, Role.AUDITOR, Role.TARIFF_APPROVER])
def test_only_a_specialist_changes_sources(client, db, role):
    source = make_source()
    client.force_login(make_staff(role))
    for name, args in (
        ("create-usage-source", []),
        ("edit-usage-source", [source.pk]),
        ("explain-gap", [source.pk, 1, 2]),
    ):
        assert client.post(reverse(f"rating:{name}", args=args), PLAIN).status_code == 403
    assert UsageSource.objects.get().name == "X07"


@pytest.fixture
def gap(db):
    """Numbers 3 and 4 of the sequence never came."""
    source = make_source(column_map=NAMED)
    for number in (2, 5):
        load_lines(source, GOOD.replace("60", str(number)), name=f"{number}.csv")
    (found,) = sequence_gaps(source=source)
    return found


def test_gap_is_explained_with_an_owner(client, specialist, gap):
    """Reliability 3a, 4: the gap is listed with its owner and reason, until the files come."""
    source = UsageSource.objects.get()
    client.force_login(specialist)
    files = reverse("rating:usage-files") + f"?source={source.pk}&day=&state="
    assert "Nobody looks after it yet." in client.get(files).content.decode()
    url = reverse("rating:explain-gap", args=[source.pk, gap.first_place, gap.last_place])
    client.post(url, {"owner": specialist.pk, "reason": "The exchange was replaced."})
    page = client.get(files).content.decode()
    assert "The exchange was replaced." in page
    assert specialist.username in page
    load_lines(source, GOOD, name="3.csv")
    (left,) = sequence_gaps(source=source)
    assert (left.first, left.last) == (4, 4)
    assert left.explanation is not None
    assert AuditEntry.objects.filter(action="rating.explain_gap").count() == 1


def test_gap_without_reason_or_that_is_none_is_refused(specialist, gap):
    source = UsageSource.objects.get()
    given = {"source_id": source.pk, "owner": specialist, "explained_at": ARRIVED_AT, "actor": specialist}
    with pytest.raises(GapNotThere):
        explain_gap(first=3, last=9, reason="x", **given)
    with pytest.raises(ReasonMissing):
        explain_gap(first=gap.first_place, last=gap.last_place, reason=" ", **given)
    assert not GapExplanation.objects.exists()
