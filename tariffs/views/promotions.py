"""Promotions and contract terms: what is on offer, by which rule, and the second person's approval."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language, gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.core.names import name_in
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome
from tariffs.forms.promotions import DraftContractTermForm, DraftPromotionForm
from tariffs.models import ContractTerm, Promotion
from tariffs.operations.contract_terms import approve_contract_term, draft_contract_term
from tariffs.operations.promotions import approve_promotion, draft_promotion
from tariffs.queries.promotions import POLICIES, RULES, PromotionRule, get_promotion_rule


class PromotionList(ListPage[Promotion]):
    """Every promotion, in the order in which they work."""

    permission: ClassVar[str] = "tariffs.view_promotions"
    template_name = "tariffs/promotion_list.html"
    title = _("Promotions")
    order = ("position", "pk")
    empty = _("No promotion yet.")
    columns = (
        Column(label=_("Promotion"), value="names", kind=Kind.NAME),
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Rule"), value=lambda row: RULES.get(row.kind, row.kind)),
        Column(label=_("State"), value="state", kind=Kind.STATE),
        Column(label=_("Offered from"), value=lambda row: row.during.lower, kind=Kind.DATE),
        Column(label=_("Offered until"), value=lambda row: row.during.upper, kind=Kind.DATE),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[Promotion]":
        """Return them."""
        return Promotion.objects.all()

    def row_href(self, row: Promotion) -> str:
        """Open the rule."""
        return reverse("tariffs:promotion", args=[row.pk])


class DraftPromotion(FormPage):
    """The specialist writes the rule down."""

    permission: ClassVar[str] = "tariffs.draft_promotion"
    title = _("Draft a promotion")
    form_class = DraftPromotionForm
    submit_label = _("Save as draft")
    intro = _("Another person approves it; from then on it may be agreed with subscribers and never changes.")

    def initial(self) -> Mapping[str, Any]:
        """Offer it from today on."""
        return {"valid_from": clock.today()}

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("tariffs:promotions")}

    def perform(self, form: DraftPromotionForm) -> Outcome:
        """Draft it."""
        promotion = draft_promotion(**form.promotion(), actor=self.request.user)
        return Outcome(
            url=reverse("tariffs:promotion", args=[promotion.pk]),
            message=__("The promotion is drafted. It waits for another person's approval."),
        )


class PromotionPage(DetailPage[PromotionRule]):
    """The rule of a promotion in words: what counts as a call, what as the rent."""

    permission: ClassVar[str] = "tariffs.view_promotions"
    template_name = "tariffs/promotion_detail.html"

    def subject(self, promotion_id: int) -> PromotionRule:
        """Return the rule."""
        try:
            return get_promotion_rule(promotion_id)
        except Promotion.DoesNotExist as error:
            raise Http404 from error

    def more(self, subject: PromotionRule) -> Mapping[str, Any]:
        """Say whether this person may approve it."""
        return {"may_approve": subject.is_draft and self.request.user.may("tariffs.approve_promotion")}

    def page_title(self, subject: PromotionRule) -> str:
        """Call it by its name."""
        return name_in(subject.names, get_language() or settings.LANGUAGE_CODE)


class ApprovePromotion(ActionView):
    """The second person's button."""

    permission: ClassVar[str] = "tariffs.approve_promotion"
    title = _("Approve the promotion")
    button = _("Approve")

    def question(self, promotion_id: int) -> str:
        """Say what it means."""
        return __("Once approved it may be agreed with subscribers, and its rule never changes.")

    def back_url(self, promotion_id: int) -> str:
        """Return the page of the promotion."""
        return reverse("tariffs:promotion", args=[promotion_id])

    def perform(self, promotion_id: int) -> Outcome:
        """Approve."""
        approve_promotion(promotion_id=promotion_id, approved_at=clock.now(), actor=self.request.user)
        return Outcome(url=self.back_url(promotion_id), message=__("The promotion is approved."))


class ContractTermList(ListPage[ContractTerm]):
    """Every contract term, by plan."""

    permission: ClassVar[str] = "tariffs.view_promotions"
    template_name = "tariffs/contract_term_list.html"
    title = _("Contract terms")
    order = ("plan__code", "code")
    empty = _("No contract term yet.")
    is_wide = True
    columns = (
        Column(label=_("Contract term"), value="names", kind=Kind.NAME),
        Column(label=_("Code"), value="code", kind=Kind.CODE),
        Column(label=_("Plan"), value="plan.names", kind=Kind.NAME),
        Column(label=_("State"), value="state", kind=Kind.STATE),
        Column(label=_("Months"), value="months", kind=Kind.NUM),
        Column(label=_("Bonus"), value="bonus_amount", kind=Kind.AMOUNT),
        Column(label=_("After months"), value="bonus_after_months", kind=Kind.NUM),
        Column(label=_("For leaving early"), value=lambda row: POLICIES.get(row.leave_policy, row.leave_policy)),
        Column(label=_("Fee"), value="leave_amount", kind=Kind.AMOUNT),
    )

    def rows(self, filters: Mapping[str, Any]) -> "QuerySet[ContractTerm]":
        """Return them."""
        return ContractTerm.objects.select_related("plan")

    def row_href(self, row: ContractTerm) -> str:
        """Lead who may approve it to the question."""
        may = row.is_draft and self.request.user.may("tariffs.approve_contract_term")
        return reverse("tariffs:approve-contract-term", args=[row.pk]) if may else ""


class DraftContractTerm(FormPage):
    """The specialist writes the term down."""

    permission: ClassVar[str] = "tariffs.draft_contract_term"
    title = _("Draft a contract term")
    form_class = DraftContractTermForm
    submit_label = _("Save as draft")
    intro = _("Another person approves it; from then on contracts may be made on it and its figures never change.")

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("tariffs:contract-terms")}

    def perform(self, form: DraftContractTermForm) -> Outcome:
        """Draft it."""
        draft_contract_term(**form.term(), actor=self.request.user)
        return Outcome(
            url=reverse("tariffs:contract-terms"),
            message=__("The contract term is drafted. It waits for another person's approval."),
        )


class ApproveContractTerm(ActionView):
    """The second person's button."""

    permission: ClassVar[str] = "tariffs.approve_contract_term"
    title = _("Approve the contract term")
    button = _("Approve")

    def question(self, term_id: int) -> str:
        """Say what it means."""
        return __("Once approved contracts may be made on it, and its figures never change.")

    def back_url(self, term_id: int) -> str:
        """Return the list."""
        return reverse("tariffs:contract-terms")

    def perform(self, term_id: int) -> Outcome:
        """Approve."""
        approve_contract_term(term_id=term_id, approved_at=clock.now(), actor=self.request.user)
        return Outcome(url=self.back_url(term_id), message=__("The contract term is approved."))
