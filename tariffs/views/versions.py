"""One version: what it says, what it changes, and its way to approval."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.web.addresses import url_or_empty
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome
from tariffs.forms.plans import FirstDayForm, ReasonForm, TestCallsForm, VersionForm, version_initial
from tariffs.models import PlanVersion, Rate, RateDeck, RateStep, TestCall
from tariffs.operations.editing import copy_plan_version, edit_plan_version
from tariffs.operations.lifecycle import reject_plan_version, submit_plan_version
from tariffs.operations.long_work import (
    LONG_PREFIXES,
    UNDER_WAY,
    find_long_work,
    order_publication,
    waiting_prefix_count,
)
from tariffs.operations.plans import draft_plan_version, publish_plan_version
from tariffs.operations.reading_drafts import read_draft
from tariffs.operations.test_call_grids import write_test_calls
from tariffs.operations.test_calls import set_test_calls
from tariffs.operations.version_diff import diff_version
from tariffs.queries.words import ROUNDING
from tariffs.views.long_work import panel_of
from tariffs.views.plans import get_plan
from tariffs.views.version_tables import RATE_COLUMNS, contents_of, differences

SHOWN_DIFFERENCES = 200


def get_version(version_id: int) -> PlanVersion:
    """Return a version with its plan, or the page that says that there is none."""
    people = ("created_by", "changed_by", "submitted_by", "approved_by")
    found = PlanVersion.objects.select_related("plan", "window_scheme", *people).filter(pk=version_id).first()
    if found is None:
        raise Http404
    return found


def address_of(version: PlanVersion) -> str:
    """Return the address of a version."""
    return reverse("tariffs:plan-version", args=[version.pk])


def crumb_of(version: PlanVersion) -> dict[str, str]:
    """Return the way back to a version."""
    return {"url": address_of(version), "label": name_of(version)}


def name_of(version: PlanVersion) -> str:
    """Return what people call a version."""
    return __("%(plan)s version %(number)s") % {"plan": version.plan.code, "number": version.number}


class VersionPage(DetailPage[PlanVersion]):
    """What a version says, what it changes against the one in force, and what may be done with it."""

    permission: ClassVar[str] = "tariffs.view_plans"
    template_name = "tariffs/plan_version.html"

    def subject(self, version_id: int) -> PlanVersion:
        """Return the version."""
        return get_version(version_id)

    def page_title(self, subject: PlanVersion) -> str:
        """Name it."""
        return name_of(subject)

    def more(self, subject: PlanVersion) -> Mapping[str, Any]:
        """Add its contents, its differences and its proof."""
        diff = diff_version(subject, today=clock.today())
        decks = list(RateDeck.objects.filter(plan_version=subject).select_related("loaded_by", "confirmed_by"))
        user, job = self.request.user, find_long_work(subject)
        return {
            "panel": panel_of(job, version=subject, user=user),
            "is_busy": job is not None and job.state in UNDER_WAY,
            "standing": subject.standing_on(clock.today()),
            "rounding": ROUNDING[subject.rounding_mode],
            "is_own": user.pk in {subject.created_by_id, subject.changed_by_id, subject.submitted_by_id},
            "rate_count": Rate.objects.filter(plan_version=subject).count(),
            "example_count": TestCall.objects.filter(plan_version=subject).count(),
            "diff": diff,
            "diff_hidden": max(len(diff.lines) - SHOWN_DIFFERENCES, 0),
            "waiting_decks": [deck for deck in decks if deck.waits_for_confirmation],
            "tables": [table for table in contents_of(subject, decks) if table.rows],
            "diff_table": differences(diff.lines[:SHOWN_DIFFERENCES]),
            "proof_url": _proof_url(subject),
            "previews_url": _previews_url(subject),
        }


def _proof_url(version: PlanVersion) -> str:
    """Return the address of the worked examples' results: pricing stands above price lists."""
    return url_or_empty("rating:test-calls", version.pk)


def _previews_url(version: PlanVersion) -> str:
    """Return the address of what the version would do to past months, for the same reason."""
    return url_or_empty("rating:plan-previews", version.pk)


class VersionRates(ListPage[RateStep]):
    """All prices of use of a version, as a list and a workbook."""

    permission: ClassVar[str] = "tariffs.view_plans"
    title = _("Prices of use")
    is_wide = True
    columns = RATE_COLUMNS
    order = ("rate_id", "from_units", "id")
    empty = _("The version has no price of use.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[RateStep]:
        """Return the steps of its rates."""
        steps = RateStep.objects.filter(rate__plan_version=filters["version_id"])
        return steps.select_related("rate__zone", "rate__window")

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Lead back to the version."""
        return {"crumb": crumb_of(get_version(filters["version_id"]))}


class DraftPlanVersion(FormPage):
    """A first version, from nothing."""

    permission: ClassVar[str] = "tariffs.draft_plan_version"
    title = _("New version")
    template_name = "tariffs/edit_plan_version.html"
    form_class = VersionForm

    def initial(self, plan_id: int) -> Mapping[str, Any]:
        """Begin empty."""
        get_plan(plan_id)
        return {"valid_from": clock.today()}

    def more(self, plan_id: int) -> Mapping[str, Any]:
        """Name the plan."""
        plan = get_plan(plan_id)
        return {"crumb": {"url": reverse("tariffs:plan", args=[plan_id]), "label": plan.code}}

    def perform(self, form: Any, plan_id: int) -> Outcome:
        """Write it down."""
        draft = form.cleaned_data["draft"]
        version = draft_plan_version(plan_id=plan_id, draft=draft, actor=self.request.user)
        return Outcome(url=address_of(version), message=__("The draft is kept. Give it worked examples."))


class EditPlanVersion(FormPage):
    """The editor of a draft."""

    permission: ClassVar[str] = "tariffs.edit_plan_version"
    title = _("Edit the draft")
    template_name = "tariffs/edit_plan_version.html"
    form_class = VersionForm

    def initial(self, version_id: int) -> Mapping[str, Any]:
        """Show what the draft says."""
        version = get_version(version_id)
        return version_initial(read_draft(version), version=version)

    def more(self, version_id: int) -> Mapping[str, Any]:
        """Lead back to the version, and show its proof."""
        version = get_version(version_id)
        return {"crumb": crumb_of(version), "proof_url": _proof_url(version)}

    def perform(self, form: Any, version_id: int) -> Outcome:
        """Save it."""
        values = form.cleaned_data
        version = edit_plan_version(
            version_id=version_id,
            seen_revision=values["seen_revision"],
            draft=values["draft"],
            changed_at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=address_of(version), message=__("The draft is saved. Run its worked examples again."))


class CopyPlanVersion(FormPage):
    """A new draft with everything that a version says."""

    permission: ClassVar[str] = "tariffs.copy_plan_version"
    title = _("Copy to a new draft")
    form_class = FirstDayForm
    submit_label = _("Copy")

    def more(self, version_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"crumb": crumb_of(get_version(version_id))}

    def perform(self, form: Any, version_id: int) -> Outcome:
        """Copy it."""
        version = copy_plan_version(
            version_id=get_version(version_id).pk, valid_from=form.cleaned_data["valid_from"], actor=self.request.user
        )
        return Outcome(
            url=reverse("tariffs:edit-plan-version", args=[version.pk]), message=__("The copy is a draft: change it.")
        )


class SetTestCalls(FormPage):
    """The worked examples of a draft, as a table."""

    permission: ClassVar[str] = "tariffs.set_test_calls"
    title = _("Worked examples")
    template_name = "tariffs/edit_plan_version.html"
    form_class = TestCallsForm
    intro = _("Write what calls must cost. The version cannot be submitted while one of them costs anything else.")

    def initial(self, version_id: int) -> Mapping[str, Any]:
        """Show the examples that are there."""
        version = get_version(version_id)
        calls = TestCall.objects.filter(plan_version=version).select_related("zone").order_by("position")
        return {"seen_revision": version.revision, "calls": write_test_calls(calls)}

    def more(self, version_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"crumb": crumb_of(get_version(version_id))}

    def perform(self, form: Any, version_id: int) -> Outcome:
        """Save them."""
        values = form.cleaned_data
        calls = [*values["new_calls"], *values["cases"]]
        version = set_test_calls(
            version_id=version_id, seen_revision=values["seen_revision"], calls=calls, actor=self.request.user
        )
        url = _proof_url(version) or address_of(version)
        return Outcome(url=url, message=__("The examples are saved. Run them."))


class SubmitPlanVersion(ActionView):
    """A draft goes to another person."""

    permission: ClassVar[str] = "tariffs.submit_plan_version"
    title = _("Submit for approval")
    button = _("Submit")

    def question(self, version_id: int) -> str:
        """Say what follows."""
        return __("%(version)s is given to another person and does not change any more. Submit it?") % {
            "version": name_of(get_version(version_id))
        }

    def back_url(self, version_id: int) -> str:
        """Return the version."""
        return address_of(get_version(version_id))

    def perform(self, version_id: int) -> Outcome:
        """Submit it."""
        version = submit_plan_version(version_id=version_id, submitted_at=clock.now(), actor=self.request.user)
        return Outcome(url=address_of(version), message=__("The version waits for approval by another person."))


class RejectPlanVersion(FormPage):
    """A submitted version goes back."""

    permission: ClassVar[str] = "tariffs.reject_plan_version"
    title = _("Give back to the maker")
    form_class = ReasonForm
    submit_label = _("Give back")

    def more(self, version_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"crumb": crumb_of(get_version(version_id))}

    def perform(self, form: Any, version_id: int) -> Outcome:
        """Give it back."""
        version = reject_plan_version(
            version_id=version_id, reason=form.cleaned_data["reason"], actor=self.request.user
        )
        return Outcome(url=address_of(version), message=__("The version is a draft again."))


class PublishPlanVersion(ActionView):
    """The second person approves."""

    permission: ClassVar[str] = "tariffs.publish_plan_version"
    title = _("Approve")
    button = _("Approve")

    def question(self, version_id: int) -> str:
        """Say what follows."""
        version = get_version(version_id)
        return __("%(version)s is in force from %(first)s on and never changes again. Approve it?") % {
            "version": name_of(version),
            "first": version.during.lower.isoformat() if version.during.lower else "",
        }

    def back_url(self, version_id: int) -> str:
        """Return the version."""
        return address_of(get_version(version_id))

    def perform(self, version_id: int) -> Outcome:
        """Publish it: at once, or by a worker where a large deck goes into force with it."""
        version = get_version(version_id)
        if waiting_prefix_count(version) > LONG_PREFIXES:
            order_publication(version_id=version_id, published_at=clock.now(), actor=self.request.user)
            message = __("A worker puts the version in force. You may go on with other work.")
            return Outcome(url=address_of(version), message=message)
        version = publish_plan_version(version_id=version_id, published_at=clock.now(), actor=self.request.user)
        return Outcome(url=address_of(version), message=__("The version is approved."))
