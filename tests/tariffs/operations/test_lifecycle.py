"""A version's way to approval, its proof, and who may not go it alone."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from billing_site.audit.models import AuditEntry
from billing_site.db.ranges import date_period
from rating.operations.test_calls import run_test_calls
from subscribers.operations.subscriptions import activate_subscription
from tariffs.models import Allowance, PlanVersion, Price, Rate, TestCall
from tariffs.operations.ceilings import NewCeiling, set_price_ceiling
from tariffs.operations.draft_inputs import NewAllowance
from tariffs.operations.editing import VersionMovedOn, copy_plan_version, edit_plan_version
from tariffs.operations.lifecycle import (
    ExamplesMissing,
    ExamplesNotGreen,
    RejectionReasonMissing,
    VersionNotDraft,
    VersionNotInReview,
    reject_plan_version,
    submit_plan_version,
)
from tariffs.operations.plans import (
    CeilingBroken,
    VersionDraft,
    VersionNotChecked,
    VersionNotSubmitted,
    VersionPeriodEmpty,
    publish_plan_version,
)
from tariffs.operations.reading_drafts import digest_of_contents, read_draft
from tariffs.operations.test_calls import NewTestCall, TooManyExamples, set_test_calls
from tariffs.queries.plans import plans_for_sale
from tests.factories.identity import make_staff
from tests.factories.subscribers import make_account
from tests.factories.tariffs import make_draft, make_plan, make_zone, prove, publish, submit

NOW = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
APRIL = date(2026, 4, 1)
CALL = NewTestCall(zone_code="LOCAL", started_at=NOW, quantity=61, expected=Decimal(10))
pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(specialist) -> PlanVersion:
    hour = NewAllowance(code="HOUR", names={"en": "Hour"}, unit="SECONDS", quantity=3600)
    return make_draft(plan=make_plan(), valid_from=APRIL, allowances=[hour], maker=specialist)


def write(draft: PlanVersion, *calls: NewTestCall) -> None:
    draft.refresh_from_db()
    set_test_calls(version_id=draft.pk, seen_revision=draft.revision, calls=calls, actor=draft.created_by)


def edit(draft: PlanVersion, *, seen: int | None = None, **changes: object) -> PlanVersion:
    draft.refresh_from_db()
    assert draft.created_by is not None
    values = {name: getattr(read_draft(draft), name) for name in VersionDraft.__slots__}
    return edit_plan_version(
        version_id=draft.pk,
        seen_revision=draft.revision if seen is None else seen,
        draft=VersionDraft(**{**values, **changes}),
        changed_at=NOW,
        actor=draft.created_by,
    )


def test_draft_cannot_be_given_to_a_subscriber(specialist):
    """000-10: a draft plan cannot be given to a subscriber."""
    plan = make_plan(is_published=False)
    submit(make_draft(plan=plan, maker=specialist), actor=specialist)
    account = make_account()

    with pytest.raises(Exception, match=plan.code):
        activate_subscription(account_id=account.pk, plan_id=plan.pk, active_from=APRIL, at=NOW, actor=None)

    assert not plans_for_sale(on=APRIL).filter(pk=plan.pk).exists()
    assert not account.subscriptions.exists()


def test_plan_without_an_example_is_not_submitted(draft, specialist):
    with pytest.raises(ExamplesMissing):
        submit_plan_version(version_id=draft.pk, submitted_at=NOW, actor=specialist)

    draft.refresh_from_db()
    assert draft.state == "DRAFT"


@pytest.mark.parametrize(("expected", "says"), [("10", None), ("10.01", "red 1;")])
def test_plan_with_a_red_example_is_not_submitted(draft, specialist, expected, says):
    """004-15: it cannot be submitted with a red one; the list says which."""
    write(draft, NewTestCall(zone_code="LOCAL", started_at=NOW, quantity=61, expected=Decimal(expected)))
    run_test_calls(version_id=draft.pk, run_at=NOW, actor=specialist)

    if says is None:
        submit_plan_version(version_id=draft.pk, submitted_at=NOW, actor=specialist)
    else:
        with pytest.raises(ExamplesNotGreen) as refused:
            submit_plan_version(version_id=draft.pk, submitted_at=NOW, actor=specialist)
        assert says in refused.value.message

    draft.refresh_from_db()
    assert draft.state == ("SUBMITTED" if says is None else "DRAFT")


def test_plan_changed_after_its_proof_is_not_submitted(draft, specialist):
    write(draft, CALL)
    run_test_calls(version_id=draft.pk, run_at=NOW, actor=specialist)
    edit(draft, rounding_places=4)

    with pytest.raises(ExamplesNotGreen) as refused:
        submit_plan_version(version_id=draft.pk, submitted_at=NOW, actor=specialist)

    assert "run before the last change 1." in refused.value.message


def test_plan_with_an_example_that_was_never_run_is_not_submitted(draft, specialist):
    write(draft, CALL)

    with pytest.raises(ExamplesNotGreen) as refused:
        submit_plan_version(version_id=draft.pk, submitted_at=NOW, actor=specialist)

    assert "not run 1;" in refused.value.message


def test_draft_is_not_published_past_submission(draft, approver):
    with pytest.raises(VersionNotSubmitted):
        publish_plan_version(version_id=draft.pk, published_at=NOW, actor=approver)
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanVersion.objects.filter(pk=draft.pk).update(state="PUBLISHED")

    draft.refresh_from_db()
    assert draft.state == "DRAFT"


@pytest.mark.parametrize("who", ["made", "changed", "submitted"])
def test_nobody_approves_what_he_had_a_hand_in(specialist, approver, who):
    """000-10: the maker cannot approve it; nor who changed or submitted it last."""
    other = make_staff(specialist.role)
    version = make_draft(plan=make_plan(is_published=False), maker=approver if who == "made" else other)
    if who == "changed":
        PlanVersion.objects.filter(pk=version.pk).update(changed_by=approver)
    submit(version, actor=approver if who == "submitted" else other)

    with pytest.raises(VersionNotChecked):
        publish_plan_version(version_id=version.pk, published_at=NOW, actor=approver)
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanVersion.objects.filter(pk=version.pk).update(state="PUBLISHED", approved_by=approver)

    version.refresh_from_db()
    assert (version.state, version.approved_by) == ("SUBMITTED", None)


def test_submitted_contents_do_not_change(draft, specialist):
    submit(draft, actor=specialist)

    with pytest.raises(VersionNotDraft):
        edit(draft, rounding_places=3)
    with pytest.raises(VersionNotDraft):
        write(draft, CALL)
    for rows, change in (
        (Price.objects.filter(plan_version=draft), {"amount": 0}),
        (Rate.objects.filter(plan_version=draft), {"connect_fee": 1}),
        (TestCall.objects.filter(plan_version=draft), {"expected_micro": 0}),
        (PlanVersion.objects.filter(pk=draft.pk), {"rounding_places": 0}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)

    assert Rate.objects.get(plan_version=draft).connect_fee == 0


def test_rejected_version_is_a_draft_with_a_reason(draft, specialist, approver):
    with pytest.raises(VersionNotInReview):
        reject_plan_version(version_id=draft.pk, reason="no", actor=approver)
    submit(draft, actor=specialist)
    with pytest.raises(RejectionReasonMissing):
        reject_plan_version(version_id=draft.pk, reason=" ", actor=approver)

    reject_plan_version(version_id=draft.pk, reason="Too dear", actor=approver)

    draft.refresh_from_db()
    assert (draft.state, draft.rejection_reason, draft.submitted_by) == ("DRAFT", "Too dear", None)
    assert AuditEntry.objects.get(action="tariffs.reject_plan_version").changes["reason"] == "Too dear"


def test_edit_replaces_everything_and_counts(draft):
    version = edit(draft, valid_until=date(2026, 5, 1), allowances=())

    assert (version.revision, Allowance.objects.filter(plan_version=draft).count()) == (1, 0)
    assert date_period(version.during).until == date(2026, 5, 1)
    with pytest.raises(VersionPeriodEmpty):
        edit(draft, valid_until=date(2026, 1, 1))


def test_second_of_two_edits_is_refused(draft):
    """Reliability 3b row 7: the second is told that the version moved on; nothing is merged."""
    edit(draft, rounding_places=3)

    with pytest.raises(VersionMovedOn) as refused:
        edit(draft, seen=0, rounding_places=4)

    draft.refresh_from_db()
    assert (draft.rounding_places, draft.revision) == (3, 1)
    assert str(draft.created_by) in refused.value.message


def test_copy_says_the_same_and_is_proved_anew(draft, specialist):
    publish(draft)

    copy = copy_plan_version(version_id=draft.pk, valid_from=date(2026, 6, 1), actor=specialist)

    assert (copy.state, copy.number, copy.created_by) == ("DRAFT", 3, specialist)
    assert digest_of_contents(copy) == digest_of_contents(draft)
    assert list(copy.test_calls.values_list("result", flat=True)) == [""]


@pytest.mark.parametrize(
    ("day", "standing"),
    [(date(2026, 3, 31), "SCHEDULED"), (APRIL, "LIVE"), (date(2026, 4, 30), "LIVE"), (date(2026, 5, 1), "RETIRED")],
)
def test_published_version_means_what_the_day_says(draft, day, standing):
    edit(draft, valid_until=date(2026, 5, 1))
    draft.refresh_from_db()
    version = publish(draft)

    assert version.standing_on(day) == standing


def test_too_many_examples_are_refused(draft):
    with pytest.raises(TooManyExamples):
        write(draft, *[CALL] * 1001)

    assert not draft.test_calls.exists()


def test_plan_above_the_ceiling_of_its_date_is_refused_with_rule_and_document(draft, specialist, approver):
    """001-35: a plan priced above the regulator's ceiling of its date cannot be activated."""
    submit(draft, actor=specialist)
    ceiling = NewCeiling(
        code="LOCAL-MINUTE",
        names={"en": "A local minute"},
        document="Resolution 14",
        maximum_price=Decimal("4.99"),
        currency="AMD",
        valid_from=APRIL,
        zone_code="LOCAL",
        unit="SECONDS",
        units=60,
    )
    set_price_ceiling(ceiling=ceiling, actor=None)

    with pytest.raises(CeilingBroken) as refused:
        publish_plan_version(version_id=draft.pk, published_at=NOW, actor=approver)

    assert "Resolution 14" in refused.value.message
    assert "LOCAL-MINUTE" in refused.value.message
    draft.refresh_from_db()
    assert draft.state == "SUBMITTED"


def test_digest_knows_every_field_of_a_rate(draft):
    """What prices is in the digest: no result survives a change of it."""
    before = digest_of_contents(draft)
    make_zone(code="FAR")

    edit(draft, prices=())

    assert digest_of_contents(draft) != before
    prove(draft)
