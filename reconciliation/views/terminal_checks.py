"""The daily terminal check: days, one day with its differences, the register taken, a difference settled."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from billing_site.core import clock
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome
from reconciliation.forms.checks import CheckFilter, RegisterForm, ResolutionForm
from reconciliation.models import Discrepancy, TerminalCheck
from reconciliation.operations.terminal_checks import (
    CheckOutcome,
    check_register,
    check_terminals,
    resolve_discrepancy,
)
from reconciliation.queries.terminal_checks import alarms, checks_between, discrepancies_of, find_check

KINDS = {
    "ONLY_OURS": gettext_lazy("Only in our books"),
    "ONLY_THEIRS": gettext_lazy("Only in their register"),
    "AMOUNT_DIFFERS": gettext_lazy("The amounts differ"),
    "ACCOUNT_DIFFERS": gettext_lazy("The accounts differ"),
    "DOUBLED": gettext_lazy("Twice in their register"),
}

assert KINDS.keys() == set(Discrepancy.Kind.values), "every kind has its words"


def address_of_check(*, network_code: str, day: date) -> str:
    """Return the address of a network's day."""
    return reverse("reconciliation:terminal-check", args=[network_code, day])


def outcome_sentence(outcome: CheckOutcome) -> str:
    """Say how a check ended."""
    if outcome.state == TerminalCheck.State.MISSING:
        return _("There is no register for this day; the network must be asked for it.")
    if outcome.check_id is None:
        return _("The register is not due yet.")
    if not outcome.open_count:
        return _("Checked: no difference is open.")
    return ngettext(
        "Checked: %(count)s difference is open.", "Checked: %(count)s differences are open.", outcome.open_count
    ) % {"count": outcome.open_count}


class TerminalCheckList(ListPage[TerminalCheck]):
    """All checked days, the latest first, and the registers that did not come."""

    permission = "reconciliation.view_terminal_checks"
    title = gettext_lazy("Daily terminal check")
    template_name = "reconciliation/terminal_check_list.html"
    columns = (
        Column(label=gettext_lazy("Day"), value="day", kind=Kind.DATE),
        Column(label=gettext_lazy("Network"), value="network.name"),
        Column(label=gettext_lazy("State"), value="state", kind=Kind.STATE),
        Column(label=gettext_lazy("Open differences"), value="open_count", kind=Kind.NUM, total=True),
        Column(label=gettext_lazy("Our payments"), value="our_count", kind=Kind.NUM, total=True),
        Column(label=gettext_lazy("Our amount"), value="our_amount_minor", kind=Kind.MONEY, total=True),
        Column(label=gettext_lazy("Lines of their register"), value="their_count", kind=Kind.NUM, total=True),
        Column(label=gettext_lazy("Their amount"), value="their_amount_minor", kind=Kind.MONEY, total=True),
        Column(label=gettext_lazy("Matched"), value="matched_count", kind=Kind.NUM, total=True),
    )
    order = ("-day", "-id")
    filter_form = CheckFilter
    empty = gettext_lazy("No day was checked yet. Yesterday is checked by itself; a register can be loaded here.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[TerminalCheck]:
        """Return the checks of the filter."""
        network = filters.get("network")
        return checks_between(
            first=filters.get("first"),
            last=filters.get("last"),
            network_id=network.pk if network else None,
            state=filters.get("state") or "",
        )

    def row_href(self, row: TerminalCheck) -> str:
        """Lead to the day."""
        return address_of_check(network_code=row.network.code, day=row.day)

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Add the registers that did not come."""
        return {"alarms": alarms(), "may_load": self.request.user.has_perm("reconciliation.load_register")}


class TerminalCheckPage(DetailPage[TerminalCheck]):
    """One network and day: three numbers, and every difference by name."""

    permission = "reconciliation.view_terminal_checks"
    template_name = "reconciliation/terminal_check_detail.html"

    def subject(self, network_code: str, day: date) -> TerminalCheck:
        """Return the check."""
        check = find_check(network_code=network_code, day=day)
        if check is None:
            raise Http404
        return check

    def page_title(self, subject: TerminalCheck) -> str:
        """Name network and day."""
        return _("Terminal check: %(network)s") % {"network": subject.network.name}

    def more(self, subject: TerminalCheck) -> Mapping[str, Any]:
        """Add the differences and what the person may do about them."""
        may = self.request.user.has_perm
        may_resolve = may("reconciliation.resolve_discrepancy")
        table = Table(
            columns=_difference_columns(may_resolve=may_resolve),
            rows=list(discrepancies_of(subject.pk)),
            caption=_("Differences"),
            empty=_("Every payment agrees with the register."),
        )
        return {
            "differences": table,
            "may_load": may("reconciliation.load_register"),
            "may_check": may("reconciliation.check_terminals"),
        }


def _account_url(case: Discrepancy) -> str:
    """Return the search for an account; an exact hit opens its card, which stands above this app."""
    try:
        return f"{reverse('console:search')}?{urlencode({'q': case.account_number})}" if case.account_number else ""
    except NoReverseMatch:
        return ""


def _difference_columns(*, may_resolve: bool) -> tuple[Column[Discrepancy], ...]:
    return (
        Column(label=_("Difference"), value=lambda case: KINDS[case.kind]),
        Column(label=_("Transaction"), value="txn_id", kind=Kind.CODE),
        Column(label=_("Account"), value="account_number", kind=Kind.CODE, href=_account_url),
        Column(
            label=_("Payment"),
            value="payment_id",
            kind=Kind.CODE,
            href=lambda case: reverse("payments:payment", args=[case.payment_id]) if case.payment_id else "",
        ),
        Column(label=_("Day of the books"), value="payment.posted_on", kind=Kind.DATE),
        Column(label=_("Our amount"), value="our_amount_minor", kind=Kind.MONEY),
        Column(label=_("Line"), value="register_line_number", kind=Kind.NUM),
        Column(label=_("Their amount"), value="their_amount_minor", kind=Kind.MONEY),
        Column(label=_("State"), value="state", kind=Kind.STATE),
        Column(
            label=_("Settled as"),
            value=lambda case: case.note or (_("Settle") if may_resolve else ""),
            href=lambda case: (
                reverse("reconciliation:resolve-discrepancy", args=[case.pk])
                if may_resolve and case.state == Discrepancy.State.OPEN
                else ""
            ),
        ),
        Column(label=_("Settled by"), value="resolved_by"),
    )


class LoadRegister(FormPage):
    """Take a register and check its day at once."""

    permission = "reconciliation.load_register"
    title = gettext_lazy("Load a register")
    form_class = RegisterForm
    submit_label = gettext_lazy("Load and check")
    intro = gettext_lazy("The file is taken whole or not at all; the same file again changes nothing.")

    def initial(self, *_: Any, **ids: Any) -> Mapping[str, Any]:
        """Take network and day from the address that led here."""
        return {name: self.request.GET[name] for name in ("network", "day") if name in self.request.GET}

    def perform(self, form: RegisterForm, *_: Any, **ids: Any) -> Outcome:
        """Load and check."""
        given = form.cleaned_data
        amount_minor: int | None = given["expected_amount"]
        digits = currency_digits(settings.SALDO_CURRENCY)
        outcome = check_register(
            network_code=given["network"].code,
            day=given["day"],
            name=given["register"].name,
            content=given["register"].read(),
            checked_at=clock.now(),
            actor=self.request.user,
            expected_count=given["expected_count"],
            expected_amount=None if amount_minor is None else minor_to_decimal(amount_minor, digits=digits),
        )
        url = address_of_check(network_code=outcome.network_code, day=outcome.day)
        return Outcome(url=url, message=outcome_sentence(outcome))


class CheckTerminals(ActionView):
    """Check a day again."""

    permission = "reconciliation.check_terminals"
    title = gettext_lazy("Check again")
    button = gettext_lazy("Check again")

    def question(self, *_args: Any, network_code: str, day: date, **_ids: Any) -> str:
        """Say what will happen."""
        return _("Our payments of this day are compared with the register once more. What was settled stays settled.")

    def back_url(self, *_args: Any, network_code: str, day: date, **_ids: Any) -> str:
        """Return the day's page, or the list where the day has none."""
        if find_check(network_code=network_code, day=day) is None:
            return reverse("reconciliation:terminal-checks")
        return address_of_check(network_code=network_code, day=day)

    def perform(self, *_args: Any, network_code: str, day: date, **_ids: Any) -> Outcome:
        """Check."""
        (outcome,) = check_terminals(
            day=day, checked_at=clock.now(), network_code=network_code, actor=self.request.user
        )
        return Outcome(url=self.back_url(network_code=network_code, day=day), message=outcome_sentence(outcome))


class ResolveDiscrepancy(FormPage):
    """Settle one difference, in words."""

    permission = "reconciliation.resolve_discrepancy"
    title = gettext_lazy("Settle a difference")
    template_name = "reconciliation/resolve_discrepancy.html"
    form_class = ResolutionForm
    submit_label = gettext_lazy("Settle")

    def perform(self, form: ResolutionForm, *_args: Any, discrepancy_id: int, **_ids: Any) -> Outcome:
        """Settle it."""
        case = resolve_discrepancy(
            discrepancy_id=discrepancy_id,
            note=form.cleaned_data["note"],
            resolved_at=clock.now(),
            actor=self.request.user,
        )
        url = address_of_check(network_code=case.check_run.network.code, day=case.check_run.day)
        return Outcome(url=url, message=_("The difference is settled."))

    def more(self, *_args: Any, discrepancy_id: int, **_ids: Any) -> Mapping[str, Any]:
        """Show the case above the form."""
        case = Discrepancy.objects.select_related("check_run__network").filter(pk=discrepancy_id).first()
        if case is None:
            raise Http404
        back = address_of_check(network_code=case.check_run.network.code, day=case.check_run.day)
        return {"case": case, "kind": KINDS[case.kind], "back_url": back}
