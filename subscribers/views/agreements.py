"""What a clerk agrees with a subscriber: promotions and contracts."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import Http404
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.web.views import FormPage, Outcome
from subscribers.forms import AgreePromotionForm, BeginContractForm, UntilForm
from subscribers.models import PromotionAgreement
from subscribers.operations.agreements import agree_promotion, begin_contract, end_promotion
from subscribers.views.accounts import card_url, get_account


class AccountForm(FormPage):
    """A form about an account; it leads back to the card."""

    def initial(self, account_id: int, **ids: Any) -> Mapping[str, Any]:
        """Name the account, and today as the day of the agreement."""
        return {"account_id": get_account(account_id).pk, "agreed_on": clock.today()}

    def more(self, account_id: int, **ids: Any) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": card_url(account_id)}


class AgreePromotion(AccountForm):
    """Agree a promotion."""

    permission: ClassVar[str] = "subscribers.agree_promotion"
    title = _("Agree a promotion")
    form_class = AgreePromotionForm
    submit_label = _("Agree")

    def perform(self, form: AgreePromotionForm, account_id: int, **ids: Any) -> Outcome:
        """Agree it."""
        given = form.cleaned_data
        agree_promotion(
            account_id=account_id,
            subscription_id=given["line"].pk if given["line"] else None,
            promotion_id=given["promotion"].pk,
            from_on=given["from_on"],
            agreed_on=clock.today(),
            actor=self.request.user,
        )
        return Outcome(url=card_url(account_id), message=__("The promotion is agreed."))


class BeginContract(AccountForm):
    """Make a contract."""

    permission: ClassVar[str] = "subscribers.begin_contract"
    title = _("Make a contract")
    form_class = BeginContractForm
    submit_label = _("Make it")

    def perform(self, form: BeginContractForm, account_id: int, **ids: Any) -> Outcome:
        """Make it."""
        given = form.cleaned_data
        begin_contract(
            subscription_id=given["line"].pk,
            term_id=given["term"].pk,
            started_on=given["started_on"],
            agreed_on=clock.today(),
            actor=self.request.user,
        )
        return Outcome(url=card_url(account_id), message=__("The contract is made."))


class EndPromotion(FormPage):
    """End a promotion."""

    permission: ClassVar[str] = "subscribers.end_promotion"
    title = _("End a promotion")
    form_class = UntilForm
    submit_label = _("End it")

    def more(self, agreement_id: int, **ids: Any) -> Mapping[str, Any]:
        """Name the agreement, and lead back."""
        agreement = PromotionAgreement.objects.filter(pk=agreement_id).first()
        if agreement is None:
            raise Http404
        return {"back_url": card_url(agreement.account_id)}

    def perform(self, form: UntilForm, agreement_id: int, **ids: Any) -> Outcome:
        """End it."""
        ended = end_promotion(
            agreement_id=agreement_id, until_on=form.cleaned_data["until_on"], actor=self.request.user
        )
        return Outcome(url=card_url(ended.account_id), message=__("The promotion ends."))
