"""Money of accounts that left: the work list of whoever decides what becomes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing_site.core import clock
from billing_site.web.tables import Column, Kind
from billing_site.web.views import ListPage
from invoicing.views.held_usage import address_of_held
from payments.forms.money import LEFT_KINDS, LeftMoneyFilter
from payments.queries.left_money import CREDIT, HELD, LeftMoney, left_money
from subscribers.views.accounts import card_url

KIND_WORDS = dict(LEFT_KINDS)
STEP_WORDS = {CREDIT: _("Ask for money back"), HELD: _("Decide")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Money that waits, with the address of what settles it; none where nothing is left to do, or not by who reads."""

    money: LeftMoney
    url: str


def step_word(row: Waiting) -> str | Promise:
    """Say what settles a row."""
    return STEP_WORDS.get(row.money.kind, _("Bill it")) if row.url else ""


class LeftMoneyList(ListPage[Waiting]):
    """Credits, charges and usage of accounts that no run bills any more, who left first at the front."""

    permission: ClassVar[str] = "payments.view_left_money"
    title = _("Money of accounts that left")
    intro = _(
        "These accounts had their final bill, so nothing comes onto a next one: a credit is paid out, a charge gets an"
        " extra bill, usage that came late is billed or written off."
    )
    columns = (
        Column(label=_("Account"), value="money.account_number", kind=Kind.CODE),
        Column(label=_("Subscriber"), value="money.name"),
        Column(label=_("First day without the line"), value="money.ended_on", kind=Kind.DATE),
        Column(label=_("Days since"), value="money.age_days", kind=Kind.NUM),
        Column(label=_("What waits"), value=lambda row: KIND_WORDS[row.money.kind]),
        Column(label=_("Amount"), value="money.amount_micro", kind=Kind.MICRO, currency="money.currency"),
        Column(label=_("Asked back already"), value="money.asked_micro", kind=Kind.MICRO, currency="money.currency"),
        Column(label=_("Next step"), value=step_word, href=lambda row: row.url),
    )
    is_wide = True
    filter_form = LeftMoneyFilter
    empty = _("Nothing waits. A credit or a charge of an account that had its final bill is shown here.")

    def rows(self, filters: Mapping[str, Any]) -> Sequence[Waiting]:
        """Return what waits as of today."""
        found = left_money(
            today=clock.today(), account_number=filters.get("account_number") or "", kind=filters.get("kind") or ""
        )
        return [Waiting(money=row, url=self._step_url(row)) for row in found]

    def row_href(self, row: Waiting) -> str:
        """Open the account."""
        return card_url(row.money.account_id)

    def _step_url(self, row: LeftMoney) -> str:
        may = self.request.user.may
        if row.kind == CREDIT:
            is_open = row.asked_micro < row.amount_micro and may("payments.request_refund")
            return reverse("payments:request-refund", args=[row.account_id]) if is_open else ""
        if row.kind == HELD:
            return address_of_held(row.account_id) if may("invoicing.view_held_usage") else ""
        may_bill = may("invoicing.bill_left_charges")
        return reverse("invoicing:bill-left-charges", args=[row.account_id]) if may_bill else ""
