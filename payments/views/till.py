"""
The till: find, received, Enter. One page, and a request for each of the three.

It works without script; the script computes change and use while the amount is typed, and prints.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from billing_site.core import clock
from billing_site.core.digits import clean_number_input
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.identity.http import StaffRequest
from billing_site.web.formatting import COMMA_LANGUAGES, GROUP_SPACE
from billing_site.web.refusals import refusal_html, sentence_html
from billing_site.web.views import UNPROCESSABLE, StaffPage
from billing_site.web.wrapping import current_language
from payments.domain.till import Preview, preview_payment
from payments.forms.till import TakePaymentForm, typed_amount
from payments.models import Method, TillSession
from payments.operations.receipt_papers import receipt_html
from payments.operations.till_receipts import TillSessionOfOther, note_foreign_session, take_till_payment
from payments.queries.till_dues import (
    DueBill,
    TillAccount,
    find_account_number,
    find_account_of_bill,
    find_till_account,
)
from payments.queries.till_notices import find_till_notices
from payments.queries.till_receipts import find_receipt_of_form, parts_of_receipt, till_receipts
from payments.queries.till_sessions import find_open_session, last_receipts, sums_by_method
from payments.views.dunning import said_to_debtor
from subscribers.models import SubscriptionRestriction
from subscribers.queries.search import Matched, SearchHit, search_subscribers
from tariffs.queries.words import SERVICE_KINDS

MOST_HITS = 12
LEAST_NUMBER = 6
# A receipt prints itself only while its payer stands there; afterwards it is a copy.
PRINTED_WITHIN_SECONDS = 600
LARGE = gettext_noop("%(amount)s is an unusually large sum. Press Enter again to take it. Nothing was taken yet.")
PART = gettext_noop(
    "%(received)s was given, %(amount)s is due. Press Enter again to take %(received)s as a part payment."
    " Nothing was taken yet."
)


# It asks for the sign-in itself, and keeps what was typed: see ``dispatch``.
@method_decorator(login_not_required, name="dispatch")
class TakeTillPayment(StaffPage):
    """The page of the clerk: search, who and what is due, what was taken."""

    permission = "payments.take_till_payment"
    title = _("Till")
    template_name = "payments/take_till_payment.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Whose sign-in ran out while he typed comes back to the same form, with what he typed and its key."""
        if request.method == "POST" and not request.user.is_authenticated:
            typed = {name: value for name, value in request.POST.items() if value and name in KEPT}
            return redirect_to_login(f"{request.path}?{urlencode(typed)}")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: StaffRequest) -> HttpResponseBase:
        """Show what was asked for: nobody yet, a search, an account, the receipt just issued."""
        session = find_open_session(clerk_id=request.user.pk)
        asked = request.GET
        if session is None:
            return self._page(None)
        if asked.get("sent"):
            return self._page(session, outcome=_outcome(asked["sent"], request))
        if asked.get("done", "").isdigit():
            return self._page(session, **self._printed(int(asked["done"])))
        if asked.get("account"):
            return self._account_page(session, asked["account"], asked)
        text = asked.get("q", "").strip()
        if not text:
            return self._page(session)
        number, hits = find_payer(text)
        return self._account_page(session, number, {}) if number else self._page(session, hits=hits, query=text)

    def post(self, request: StaffRequest) -> HttpResponseBase:
        """Take the money, show where it would go, or bring the form back."""
        form = TakePaymentForm(request.POST)
        if not form.is_valid():
            return self._again(form)
        if "preview" in request.POST:
            return self._again(form, status=200)
        question = self._question(form)
        if question is not None:
            return question
        return self._take(form)

    def _take(self, form: TakePaymentForm) -> HttpResponseBase:
        session_id = form.cleaned_data["session"]
        try:
            receipt = take_till_payment(
                session_id=session_id, wanted=form.receipt(), taken_at=clock.now(), actor=self.request.user
            )
        except (TillSessionOfOther, TillSession.DoesNotExist) as error:
            note_foreign_session(session_id=session_id, actor=self.request.user)
            raise PermissionDenied(self.permission) from error
        except BillingError as error:
            form.add_error(None, refusal_html(error))
            return self._again(form)
        return redirect(f"{reverse('payments:take-till-payment')}?done={receipt.pk}")

    def _question(self, form: TakePaymentForm) -> HttpResponseBase | None:
        """Ask once where a sum is unusual, or where less was given than is due; the form comes back changed."""
        wanted, data = form.receipt(), self.request.POST.copy()
        if find_receipt_of_form(wanted.form_key) is not None:
            return None
        session = find_open_session(clerk_id=self.request.user.pk)
        received = wanted.received_minor
        if received is not None and 0 < received < wanted.cash_minor and len(wanted.parts) == 1:
            said = {"received": received, "amount": wanted.cash_minor}
            data["amount_1"], data["received"] = typed_amount(received), ""
            return self._asked(data, PART, said, "received")
        confirmed = form.cleaned_data["confirmed"] == wanted.amount_minor
        if session is not None and wanted.amount_minor > session.till.large_minor and not confirmed:
            data["confirmed"] = str(wanted.amount_minor)
            return self._asked(data, LARGE, {"amount": wanted.amount_minor}, "amount_1")
        return None

    def _asked(self, data: Any, question: str, said: Mapping[str, int], field: str) -> HttpResponseBase:
        digits = currency_digits(settings.SALDO_CURRENCY)
        shown = {name: minor_to_decimal(minor, digits=digits) for name, minor in said.items()}
        form = TakePaymentForm(data)
        form.is_valid()
        form.add_error(field, sentence_html(question, shown))
        return self._again(form)

    def _again(self, form: TakePaymentForm, *, status: int = UNPROCESSABLE) -> HttpResponse:
        session = find_open_session(clerk_id=self.request.user.pk)
        found = find_till_account(number=str(form.data.get("account", "")), on=clock.today())
        if found is None:
            raise Http404
        amount = sum(form.cleaned_data.get(f"amount_{n}") or 0 for n in (1, 2, 3))
        preview = _preview(found, amount, chosen=form.chosen(), chosen_disputed=form.chosen_disputed())
        return self._page(session, status=status, found=found, form=form, preview=preview, **notices_of(found))

    def _account_page(self, session: TillSession, number: str, typed: Mapping[str, Any]) -> HttpResponse:
        found = find_till_account(number=number, on=clock.today())
        if found is None:
            raise Http404
        initial = {
            "account": found.account.number,
            "session": session.pk,
            "form_key": uuid4(),
            "amount_1": typed_amount(found.due_minor) if found.due_minor else "",
            "method_1": Method.CASH.value,
            **{name: typed[name] for name in KEPT if typed.get(name) and name not in {"account", "session"}},
        }
        preview = _preview(found, found.due_minor)
        form = TakePaymentForm(initial=initial)
        return self._page(session, found=found, form=form, preview=preview, **notices_of(found))

    def _printed(self, receipt_id: int) -> dict[str, Any]:
        """Return the receipt just issued with its paper; nobody else's."""
        receipt = till_receipts().filter(pk=receipt_id, clerk_id=self.request.user.pk).first()
        if receipt is None:
            raise Http404
        age = (clock.now() - receipt.taken_at).total_seconds()
        is_fresh = age < PRINTED_WITHIN_SECONDS
        paper = receipt_html(receipt=receipt, parts=parts_of_receipt(receipt.pk)) if is_fresh else ""
        return {"done": receipt, "paper": paper}

    def _page(self, session: TillSession | None, *, status: int = 200, **zones: Any) -> HttpResponse:
        space, point = (GROUP_SPACE, ",") if current_language() in COMMA_LANGUAGES else (",", ".")
        context = {
            "session": session,
            "is_late": session is not None and session.opened_on != clock.today(),
            "taken_minor": _taken(session),
            "last": last_receipts(session.pk, limit=3) if session else (),
            "currency": settings.SALDO_CURRENCY,
            "number_form": {"digits": currency_digits(settings.SALDO_CURRENCY), "space": space, "point": point},
            # The till has a search box of its own.
            "search_url": "",
        }
        return self.show({**context, **zones}, status=status)


# What of a form survives a sign-in.
KEPT = (
    "account",
    "form_key",
    "received",
    "note",
    *(f"{name}_{n}" for n in (1, 2, 3) for name in ("amount", "method", "reference", "bank", "day")),
)


def find_payer(text: str) -> tuple[str, tuple[SearchHit, ...]]:
    """
    Return the account number that a text names, if it names one alone, and else what it may mean.

    A bill's number or the link of its square names the bill's account.
    """
    text = account_in_link(text) or text
    number = find_account_number(text) or find_account_of_bill(text)
    if number:
        return number, ()
    hits = search_subscribers(text=text, country_code=settings.SALDO_COUNTRY_CODE, at=clock.now(), limit=MOST_HITS)
    digits = clean_number_input(text).lstrip("+0")
    holders = [
        hit
        for hit in hits
        if hit.matched == Matched.NUMBER and hit.holds_number_now and len(digits) >= LEAST_NUMBER
        and str(hit.number).endswith(digits)
    ]  # fmt: skip
    only = holders if len(holders) == 1 else hits if len(hits) == 1 and hits[0].matched != Matched.GUESS else ()
    return (only[0].account_number, ()) if len(only) == 1 else ("", hits)


def account_in_link(text: str) -> str:
    """Return the account in the address that a bill's square holds, or an empty text."""
    return (parse_qs(urlsplit(text).query).get("account") or [""])[0] if "account=" in text else ""


def notices_of(found: TillAccount) -> dict[str, Any]:
    """Return what is to be known of an account, with its sentences in the clerk's language."""
    today = clock.today()
    is_overdue = found.due_on is not None and found.due_on < today
    notices = find_till_notices(account_id=found.account.pk, is_overdue=is_overdue, on=today)
    words = dict(SubscriptionRestriction.Cause.choices)
    return {
        "notices": notices,
        "barred": [(one, words[one.cause]) for one in notices.barred],
        "lines": [(line, SERVICE_KINDS[line.kind]) for line in found.lines],
        "told": [(notice, said_to_debtor(notice)) for notice in notices.told],
    }


def _outcome(key: str, request: StaffRequest) -> dict[str, Any]:
    """Say whether a form was carried out: after the line broke nobody needs to search."""
    try:
        receipt = find_receipt_of_form(UUID(key))
    except ValueError:
        receipt = None
    return {"receipt": receipt if receipt and receipt.clerk_id == request.user.pk else None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A row of the table that says where the money goes: what is to be paid of a bill, or what is disputed of it."""

    bill: DueBill
    open_minor: int
    used_minor: int
    is_ticked: bool
    is_disputed: bool


def _preview(
    found: TillAccount, amount_minor: int, *, chosen: Collection[int] = (), chosen_disputed: Collection[int] = ()
) -> dict[str, Any]:
    """
    Return where the money would go, in words of the bills; what is disputed stands last. ``order`` tells the page what
    pays first.
    """
    preview: Preview = preview_payment(
        payable=found.debts.payable,
        disputed=found.debts.disputed,
        chosen=chosen,
        chosen_disputed=chosen_disputed,
        amount_minor=amount_minor,
        advance_minor=found.advance_minor,
    )
    payable, disputed = [], []
    for bill in found.bills:
        used_minor, used_disputed_minor = preview.uses_of(bill.invoice_id, payable_minor=bill.payable_minor)
        if bill.payable_minor:
            payable.append(
                Use(
                    bill=bill,
                    open_minor=bill.payable_minor,
                    used_minor=used_minor,
                    is_ticked=bill.invoice_id in chosen,
                    is_disputed=False,
                )
            )
        if bill.disputed_minor:
            disputed.append(
                Use(
                    bill=bill,
                    open_minor=bill.disputed_minor,
                    used_minor=used_disputed_minor,
                    is_ticked=bill.invoice_id in chosen_disputed,
                    is_disputed=True,
                )
            )
    order = " ".join(f"{debt.invoice_id}/{debt.amount_minor}" for debt in found.debts.payable)
    return {"uses": [*payable, *disputed], "advance_minor": preview.advance_minor, "order": order}


def _taken(session: TillSession | None) -> int:
    if session is None:
        return 0
    taken, back = sums_by_method(session.pk)
    return sum(taken.values()) - sum(back.values())
