"""The work list of differences between billing and accounting, a case, and what is done about it."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core import clock
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome
from reconciliation.forms.books import CaseFilter, CorrectionForm, OwnerForm, ReasonForm
from reconciliation.models import BookCase, BookDifference
from reconciliation.operations.book_cases import (
    assign_book_case,
    confirm_book_case,
    correct_book_case,
    return_book_case,
)
from reconciliation.queries.book_comparisons import book_cases
from reconciliation.queries.book_words import CASE_KINDS

ENDED = frozenset({BookCase.State.CONFIRMED, BookCase.State.GONE})


def age_days(case: BookCase) -> int | None:
    """Return for how many days a case has been waiting; nothing for one that has ended."""
    return None if case.state in ENDED else (clock.today() - case.found_on).days


def case_columns() -> tuple[Column[BookCase], ...]:
    """Return the columns of a list of cases."""

    def money(label: Any, value: str) -> Column[BookCase]:
        return Column(label=label, value=value, kind=Kind.MONEY, total=True)

    return (
        Column(label=_("Difference"), value=lambda case: CASE_KINDS[case.kind]),
        Column(label=_("Fixed or mobile"), value=lambda case: case.accounting_class.get_section_display()),
        Column(label=_("Class"), value="accounting_class.code", kind=Kind.CODE),
        Column(label=_("Account"), value="account_number", kind=Kind.CODE),
        Column(label=_("Other account"), value="other_account_number", kind=Kind.CODE),
        money(_("Our books"), "our_minor"),
        money(_("Accounting"), "their_minor"),
        money(_("Ours less theirs"), "difference_minor"),
        Column(label=_("State"), value="state", kind=Kind.STATE),
        Column(label=_("Days open"), value=age_days, kind=Kind.NUM),
        Column(label=_("Owner"), value="owner"),
        Column(label=_("Cause"), value="cause.names", kind=Kind.NAME),
        Column(label=_("How it was corrected"), value="correction"),
    )


class BookCaseList(ListPage[BookCase]):
    """The cases, those longest open first."""

    permission: ClassVar[str] = "reconciliation.view_book_cases"
    title = _("Differences from accounting")
    columns = case_columns()
    order = ("found_on", "id")
    filter_form = CaseFilter
    is_wide = True
    empty = _("No difference between billing and accounting is open.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[BookCase]:
        """Return the cases of the filter."""
        return book_cases(
            state=filters.get("state") or "",
            kind=filters.get("kind") or "",
            section=filters.get("section") or "",
            owner_id=self.request.user.pk if filters.get("mine") else None,
        )

    def row_href(self, row: BookCase) -> str:
        """Open the case."""
        return _address(row.pk)


class BookCasePage(DetailPage[BookCase]):
    """A case: what both books say, who works on it, how it was corrected and who confirmed that."""

    permission: ClassVar[str] = "reconciliation.view_book_cases"
    template_name = "reconciliation/book_case_detail.html"

    def subject(self, case_id: int) -> BookCase:
        """Return the case."""
        return _case(case_id)

    def page_title(self, subject: BookCase) -> str:
        """Say what is wrong."""
        return str(CASE_KINDS[subject.kind])

    def more(self, subject: BookCase) -> Mapping[str, Any]:
        """Return the lines it is seen on and what may be done."""
        may = self.request.user.may
        is_open, waits = subject.state == BookCase.State.OPEN, subject.state == BookCase.State.CORRECTED
        lines = subject.differences.select_related("accounting_class", "comparison").order_by("comparison_id", "id")
        return {
            "lines": Table(
                columns=_line_columns(),
                rows=list(lines),
                caption=_("Lines on which it is seen"),
                empty=_("No comparison sees it any more."),
            ),
            "age": age_days(subject),
            "may_assign": is_open and may("reconciliation.assign_book_case"),
            "may_correct": is_open and may("reconciliation.correct_book_case"),
            "may_confirm": waits
            and may("reconciliation.confirm_book_case")
            and subject.corrected_by_id != self.request.user.pk,
            "may_return": waits and may("reconciliation.return_book_case"),
        }


def _line_columns() -> tuple[Column[BookDifference], ...]:
    return (
        Column(label=_("First day"), value="comparison.first_on", kind=Kind.DATE),
        Column(
            label=_("Class"),
            value="accounting_class.code",
            kind=Kind.CODE,
            href=lambda row: reverse(
                "reconciliation:book-differences", args=[row.comparison_id, row.accounting_class.code]
            ),
        ),
        Column(
            label=_("Account"),
            value="account_number",
            kind=Kind.CODE,
            href=lambda row: (
                reverse("reconciliation:book-account", args=[row.comparison_id, row.account_number])
                if row.account_number
                else ""
            ),
        ),
        Column(label=_("Our books"), value="our_minor", kind=Kind.MONEY),
        Column(label=_("Accounting"), value="their_minor", kind=Kind.MONEY),
    )


class _CaseForm(FormPage):
    """A form about one case."""

    template_name = "reconciliation/work_book_case.html"

    def more(self, *_args: Any, case_id: int, **_ids: Any) -> Mapping[str, Any]:
        """Show the case above the form."""
        case = _case(case_id)
        return {"case": case, "kind": CASE_KINDS[case.kind], "back_url": _address(case_id)}


class AssignBookCase(_CaseForm):
    """Give a case to somebody."""

    permission: ClassVar[str] = "reconciliation.assign_book_case"
    title = _("Give the case to somebody")
    form_class = OwnerForm

    def initial(self, *_args: Any, case_id: int, **_ids: Any) -> Mapping[str, Any]:
        """Show the present owner."""
        return {"owner": _case(case_id).owner_id}

    def perform(self, form: OwnerForm, *_args: Any, case_id: int, **_ids: Any) -> Outcome:
        """Give it."""
        owner = form.cleaned_data["owner"]
        assign_book_case(case_id=case_id, owner_id=owner.pk if owner else None, actor=self.request.user)
        return Outcome(url=_address(case_id), message=__("The case has an owner.") if owner else "")


class CorrectBookCase(_CaseForm):
    """Say why both books differ and how it was corrected."""

    permission: ClassVar[str] = "reconciliation.correct_book_case"
    title = _("Correct a difference")
    form_class = CorrectionForm
    submit_label = _("It is corrected")
    intro = _("Another person confirms it. Later comparisons do not list it again.")

    def initial(self, *_args: Any, case_id: int, **_ids: Any) -> Mapping[str, Any]:
        """Show the words of a correction that came back."""
        case = _case(case_id)
        cause = case.cause.code if case.cause is not None else ""
        return {"cause": cause, "correction": case.correction, "document": case.document}

    def perform(self, form: CorrectionForm, *_args: Any, case_id: int, **_ids: Any) -> Outcome:
        """Write it down."""
        given = form.cleaned_data
        correct_book_case(
            case_id=case_id,
            cause_code=given["cause"].code,
            correction=given["correction"],
            document=given["document"],
            corrected_at=clock.now(),
            actor=self.request.user,
        )
        return Outcome(url=_address(case_id), message=__("The correction waits for a second person."))


class ConfirmBookCase(ActionView):
    """Confirm a correction."""

    permission: ClassVar[str] = "reconciliation.confirm_book_case"
    title = _("Confirm the correction")
    button = _("Confirm the correction")

    def question(self, *_args: Any, **_ids: Any) -> str:
        """Say what will happen."""
        return __("The case is closed, and later comparisons leave it so.")

    def back_url(self, *_args: Any, case_id: int, **_ids: Any) -> str:
        """Return the case."""
        return _address(case_id)

    def perform(self, *_args: Any, case_id: int, **_ids: Any) -> Outcome:
        """Confirm."""
        confirm_book_case(case_id=case_id, confirmed_at=clock.now(), actor=self.request.user)
        return Outcome(url=_address(case_id), message=__("The correction is confirmed."))


class ReturnBookCase(_CaseForm):
    """Send a correction back."""

    permission: ClassVar[str] = "reconciliation.return_book_case"
    title = _("Send the correction back")
    form_class = ReasonForm
    submit_label = _("Send back")

    def perform(self, form: ReasonForm, *_args: Any, case_id: int, **_ids: Any) -> Outcome:
        """Send it back."""
        return_book_case(case_id=case_id, reason=form.cleaned_data["reason"], actor=self.request.user)
        return Outcome(url=_address(case_id), message=__("The case is open again."))


def _address(case_id: int) -> str:
    return reverse("reconciliation:book-case", args=[case_id])


def _case(case_id: int) -> BookCase:
    case = book_cases().filter(pk=case_id).first()
    if case is None:
        raise Http404
    return case
