"""Dunning policies: the list, one with its ladder, and what people do to them."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language, gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.names import name_in
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome
from payments.forms.dunning import DraftPolicyForm, StepForm
from payments.models import DunningPolicy, DunningStep
from payments.operations.dunning_policies import (
    add_dunning_step,
    draft_dunning_policy,
    publish_dunning_policy,
    remove_dunning_step,
)
from payments.queries.dunning_policies import dunning_policies, find_dunning_policy, steps_of_policy
from payments.views.dunning_words import category_label


class DunningPolicyList(ListPage[DunningPolicy]):
    """Every policy, the latest first."""

    permission: ClassVar[str] = "payments.view_dunning"
    template_name = "payments/dunning_policy_list.html"
    title = _("Dunning policies")
    columns = (
        Column(label=_("Policy"), value="names", kind=Kind.NAME),
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Customer category"), value=lambda row: category_label(row.category)),
        Column(label=_("Valid from"), value=lambda row: row.during.lower, kind=Kind.DATE),
        Column(label=_("Valid until"), value=lambda row: row.during.upper, kind=Kind.DATE),
        Column(label=_("Drafted by"), value="created_by"),
        Column(label=_("Published by"), value="published_by"),
        Column(label=_("State"), value="state", kind=Kind.STATE),
    )
    empty = _("No dunning policy yet. Draft one; another person publishes it.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[DunningPolicy]:
        """Return all."""
        return dunning_policies()

    def row_href(self, row: DunningPolicy) -> str:
        """Open it."""
        return reverse("payments:dunning-policy", args=[row.pk])


class DunningPolicyPage(DetailPage[DunningPolicy]):
    """A policy with its ladder."""

    permission: ClassVar[str] = "payments.view_dunning"
    template_name = "payments/dunning_policy_detail.html"

    def subject(self, policy_id: int) -> DunningPolicy:
        """Return it."""
        return get_policy_or_404(policy_id)

    def page_title(self, subject: DunningPolicy) -> str:
        """Call it by its name."""
        return name_in(subject.names, get_language() or settings.LANGUAGE_CODE)

    def more(self, subject: DunningPolicy) -> Mapping[str, Any]:
        """Return the ladder, and what this person may do."""
        may = self.request.user.may
        may_edit = subject.is_draft and may("payments.add_dunning_step")
        return {
            "ladder": _ladder(subject, may_edit=may_edit),
            "category": category_label(subject.category),
            "may_edit": may_edit,
            "may_publish": subject.is_draft and may("payments.publish_dunning_policy"),
            "is_own": subject.created_by_id == self.request.user.pk,
        }


def _ladder(policy: DunningPolicy, *, may_edit: bool) -> Table[DunningStep]:
    remove: Column[DunningStep] = Column(
        label=_("Remove"),
        value=lambda _step: __("Remove"),
        href=lambda step: reverse("payments:remove-dunning-step", args=[step.pk]),
    )
    return Table(
        caption=_("The ladder"),
        columns=(
            Column(label=_("Step"), value="n", kind=Kind.NUM),
            Column(label=_("Days after the due date"), value="after_days", kind=Kind.NUM),
            Column(
                label=_("Only from this debt on"),
                value="minimum_minor",
                kind=Kind.MONEY,
                currency=lambda _step: policy.currency,
            ),
            Column(label=_("What is done"), value="get_action_display"),
            Column(label=_("Way"), value="get_channel_display"),
            Column(label=_("What the subscriber is told"), value="get_text_display"),
            Column(
                label=_("Late fee, before tax"),
                value="late_fee_minor",
                kind=Kind.MONEY,
                currency=lambda _step: policy.currency,
            ),
            *((remove,) if may_edit else ()),
        ),
        rows=list(steps_of_policy(policy.pk)),
        empty=_("No step yet. Add the first one."),
    )


class DraftDunningPolicy(FormPage):
    """The figures of a policy."""

    permission: ClassVar[str] = "payments.draft_dunning_policy"
    title = _("Draft a dunning policy")
    form_class = DraftPolicyForm
    submit_label = _("Save as draft")
    intro = _("Add the steps afterwards. Another person publishes it, and then it never changes.")

    def initial(self, **ids: Any) -> Mapping[str, Any]:
        """Offer it from today on."""
        return {"valid_from": clock.today()}

    def more(self, **ids: Any) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("payments:dunning-policies")}

    def perform(self, form: Any, **ids: Any) -> Outcome:
        """Draft it."""
        policy = draft_dunning_policy(**form.policy(), actor=self.request.user)
        return Outcome(url=address_of(policy), message=__("The policy is drafted. Add its steps."))


class AddDunningStep(FormPage):
    """One more step."""

    permission: ClassVar[str] = "payments.add_dunning_step"
    title = _("Add a step")
    form_class = StepForm
    submit_label = _("Add")

    def more(self, policy_id: int, **ids: Any) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": address_of(get_policy_or_404(policy_id))}

    def perform(self, form: Any, policy_id: int, **ids: Any) -> Outcome:
        """Add it."""
        given = form.cleaned_data
        add_dunning_step(
            policy_id=policy_id,
            after_days=given["after_days"],
            action=given["action"],
            channel=given["channel"],
            text=given["text"],
            minimum_minor=given["minimum"] or 0,
            late_fee_minor=given["late_fee"] or 0,
            actor=self.request.user,
        )
        return Outcome(url=address_of(get_policy_or_404(policy_id)), message=__("The step is added."))


class RemoveDunningStep(ActionView):
    """Take a step out of a draft."""

    permission: ClassVar[str] = "payments.remove_dunning_step"
    title = _("Remove the step")
    button = _("Remove")

    def back_url(self, step_id: int) -> str:
        """Return the page of the policy."""
        return address_of(get_policy_or_404(get_step_or_404(step_id).policy_id))

    def perform(self, step_id: int) -> Outcome:
        """Remove it."""
        policy = remove_dunning_step(step_id=get_step_or_404(step_id).pk, actor=self.request.user)
        return Outcome(url=address_of(policy), message=__("The step is removed."))


class PublishDunningPolicy(ActionView):
    """The second person's button."""

    permission: ClassVar[str] = "payments.publish_dunning_policy"
    title = _("Publish the dunning policy")
    button = _("Publish")

    def question(self, policy_id: int) -> str:
        """Say what it means."""
        return __("From its first day on debtors are dunned by it, and the category's policy before it ends.")

    def back_url(self, policy_id: int) -> str:
        """Return the page of the policy."""
        return address_of(get_policy_or_404(policy_id))

    def perform(self, policy_id: int) -> Outcome:
        """Publish."""
        policy = get_policy_or_404(policy_id)
        publish_dunning_policy(policy_id=policy.pk, published_at=clock.now(), actor=self.request.user)
        return Outcome(url=address_of(policy), message=__("The policy is published."))


def address_of(policy: DunningPolicy) -> str:
    """Return the page of a policy."""
    return reverse("payments:dunning-policy", args=[policy.pk])


def get_policy_or_404(policy_id: int) -> DunningPolicy:
    """Return a policy, or raise ``Http404``."""
    policy = find_dunning_policy(policy_id)
    if policy is None:
        raise Http404
    return policy


def get_step_or_404(step_id: int) -> DunningStep:
    """Return a step, or raise ``Http404``."""
    step = DunningStep.objects.filter(pk=step_id).first()
    if step is None:
        raise Http404
    return step
