"""Billing against accounting: the comparisons, one with its figures and picture, the lines of a class, an account."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _, ngettext, pgettext_lazy

from billing_site.core import clock
from billing_site.web.addresses import url_or_empty
from billing_site.web.formatting import format_minor
from billing_site.web.plots import Plot, Step, waterfall
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import DetailPage, FormPage, ListPage, Outcome
from billing_site.web.wrapping import current_language
from reconciliation.forms.books import CompareForm
from reconciliation.models import BookComparison, BookDifference, BookFigure, BookMovement, Section
from reconciliation.operations.book_comparisons import compare_books
from reconciliation.operations.book_jobs import begin_comparison
from reconciliation.queries.accounting_files import are_books_large
from reconciliation.queries.book_comparisons import (
    AccountBooks,
    AccountEntry,
    account_books,
    book_cases,
    book_comparisons,
    differences_of,
    figures_of,
    movements_of,
)
from reconciliation.queries.book_words import CASE_KINDS
from reconciliation.views.book_cases import case_columns

SECTIONS = dict(Section.choices)
# What the picture of movements shows between opening and closing.
STEPS = (
    ("billed_minor", pgettext_lazy("short, under a bar", "Billed")),
    ("corrected_minor", pgettext_lazy("short, under a bar", "Corrected")),
    ("paid_minor", pgettext_lazy("short, under a bar", "Paid")),
    ("written_off_minor", pgettext_lazy("short, under a bar", "Written off")),
    ("other_minor", pgettext_lazy("short, under a bar", "Other")),
)


def address_of(comparison_id: int) -> str:
    """Return the address of a comparison."""
    return reverse("reconciliation:book-comparison", args=[comparison_id])


def days_of(comparison: BookComparison) -> str:
    """Return the days as people write them."""
    return f"{comparison.first_on} – {comparison.last_on}"


def search_url(text: str) -> str:
    """Return the search for a number; an exact hit opens its card, which stands above this app."""
    search = url_or_empty("console:search")
    return f"{search}?{urlencode({'q': text})}" if search and text else ""


class BookComparisonList(ListPage[BookComparison]):
    """All comparisons, the latest days first."""

    permission: ClassVar[str] = "reconciliation.view_book_comparisons"
    title = _("Billing against accounting")
    template_name = "reconciliation/book_comparison_list.html"
    columns = (
        Column(label=_("First day"), value="first_on", kind=Kind.DATE),
        Column(label=_("Last day"), value="last_on", kind=Kind.DATE),
        Column(label=_("Open cases"), value="open_count", kind=Kind.NUM, total=True),
        Column(label=_("Compared"), value="compared_at", kind=Kind.INSTANT),
        Column(label=_("Compared by"), value="compared_by"),
    )
    order = ("-last_on", "-id")
    empty = _("Nothing was compared yet. Load the accounting ledger's turnover and compare it with the books.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[BookComparison]:
        """Return all comparisons."""
        return book_comparisons()

    def row_href(self, row: BookComparison) -> str:
        """Open the comparison."""
        return address_of(row.pk)

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Say what the person may do."""
        return {"may_compare": self.request.user.may("reconciliation.compare_books")}


class CompareBooks(FormPage):
    """Compare the days of loaded files with the books."""

    permission: ClassVar[str] = "reconciliation.compare_books"
    title = _("Compare billing with accounting")
    form_class = CompareForm
    submit_label = _("Compare")
    intro = _("Comparing again changes nothing that was corrected.")

    def initial(self, *_args: Any, **_ids: Any) -> Mapping[str, Any]:
        """Take the days from the address that led here."""
        return {"days": self.request.GET.get("days", "")}

    def perform(self, form: CompareForm, *_args: Any, **_ids: Any) -> Outcome:
        """Compare."""
        first_on, last_on = form.cleaned_data["days"]
        if are_books_large(first_on=first_on, last_on=last_on):
            job = begin_comparison(first_on=first_on, last_on=last_on, actor=self.request.user)
            return Outcome(url=reverse("reconciliation:book-job", args=[job.pk]), message=__("The books are compared."))
        outcome = compare_books(first_on=first_on, last_on=last_on, compared_at=clock.now(), actor=self.request.user)
        message = (
            ngettext("%(count)s difference is open.", "%(count)s differences are open.", outcome.open_count)
            % {"count": outcome.open_count}
            if outcome.open_count
            else __("Billing and accounting agree: no difference is open.")
        )
        return Outcome(url=address_of(outcome.comparison.pk), message=message)


class BookComparisonPage(DetailPage[BookComparison]):
    """Both books side by side: class by class, movement by movement, and the cases."""

    permission: ClassVar[str] = "reconciliation.view_book_comparisons"
    template_name = "reconciliation/book_comparison_detail.html"

    def subject(self, comparison_id: int) -> BookComparison:
        """Return the comparison."""
        return get_comparison(comparison_id)

    def page_title(self, subject: BookComparison) -> str:
        """Name the page."""
        return __("Billing against accounting")

    def more(self, subject: BookComparison) -> Mapping[str, Any]:
        """Return the figures, the pictures and the cases."""
        figures = list(figures_of(subject.pk))
        cases = book_cases(comparison_id=subject.pk).order_by("accounting_class__section", "kind", "pk")
        movements = movements_of(subject.pk)
        return {
            "sections": [
                _section_view(movement, [row for row in figures if row.accounting_class.section == movement.section])
                for movement in movements
            ],
            "cases": Table(
                columns=case_columns(),
                rows=list(cases[:100]),
                caption=_("Cases"),
                empty=_("Both books agree to the cent."),
                row_href=lambda case: reverse("reconciliation:book-case", args=[case.pk]),
            ),
            "open_count": subject.open_count,  # type: ignore[attr-defined]
            "days": f"{subject.first_on} {subject.last_on}",
            "may_compare": self.request.user.may("reconciliation.compare_books"),
        }


def get_comparison(comparison_id: int) -> BookComparison:
    """Return a comparison, or raise ``Http404``."""
    comparison = book_comparisons().filter(pk=comparison_id).first()
    if comparison is None:
        raise Http404
    return comparison


def _section_view(movement: BookMovement, figures: Sequence[BookFigure]) -> Mapping[str, Any]:
    """Return what the page shows of fixed or of mobile."""
    return {
        "title": SECTIONS[movement.section],
        "plot": _picture(movement),
        "movement": movement,
        "difference": movement.closing_minor - movement.their_closing_minor,
        "table": Table(
            columns=_figure_columns(),
            rows=figures,
            caption=SECTIONS[movement.section],
            empty=_("No class of these was loaded."),
            row_href=lambda row: reverse(
                "reconciliation:book-differences", args=[row.comparison_id, row.accounting_class.code]
            ),
        ),
    }


def _picture(movement: BookMovement) -> Plot:
    """Draw how what subscribers owe came from opening to closing."""
    language = current_language()

    def shown(value: Any) -> str:
        return format_minor(int(value), language=language)

    steps = [Step(label=pgettext_lazy("short, under a bar", "Opening"), value=movement.opening_minor, is_total=True)]
    steps += [Step(label=label, value=getattr(movement, name)) for name, label in STEPS]
    steps.append(
        Step(label=pgettext_lazy("short, under a bar", "Closing"), value=movement.closing_minor, is_total=True)
    )
    sentence = __("Subscribers owed %(opening)s at the beginning and %(closing)s at the end.")
    words = {"opening": shown(movement.opening_minor), "closing": shown(movement.closing_minor)}
    return waterfall(
        title=__("What subscribers owe: %(section)s") % {"section": SECTIONS[movement.section]},
        sentence=sentence % words,
        steps=steps,
        column=settings.SALDO_CURRENCY,
        shown=shown,
    )


def _figure_columns() -> tuple[Column[BookFigure], ...]:
    def money(label: Any, value: str) -> Column[BookFigure]:
        return Column(label=label, value=value, kind=Kind.MONEY)

    return (
        Column(label=_("Class"), value="accounting_class.code", kind=Kind.CODE),
        Column(label=_("Holds"), value=lambda row: row.accounting_class.get_measure_display()),
        money(_("Our books"), "our_minor"),
        money(_("Accounting"), "their_minor"),
        money(_("Difference"), "difference_minor"),
        money(_("Agreed"), "matched_minor"),
        Column(label=_("Our lines"), value="our_count", kind=Kind.NUM),
        Column(label=_("Their lines"), value="their_count", kind=Kind.NUM),
        Column(label=_("Agreed lines"), value="matched_count", kind=Kind.NUM),
    )


class BookDifferenceList(ListPage[BookDifference]):
    """The lines of a class on which both books do not agree; each leads to its account."""

    permission: ClassVar[str] = "reconciliation.view_book_comparisons"
    title = _("Lines that differ")
    template_name = "reconciliation/book_difference_list.html"
    columns = (
        Column(label=_("Class"), value="accounting_class.code", kind=Kind.CODE),
        Column(label=_("Account"), value="account_number", kind=Kind.CODE),
        Column(label=_("Our books"), value="our_minor", kind=Kind.MONEY, total=True),
        Column(label=_("Accounting"), value="their_minor", kind=Kind.MONEY, total=True),
        Column(
            label=_("Difference"),
            value=lambda row: row.our_minor - row.their_minor,
            kind=Kind.MONEY,
            total=True,
        ),
        Column(label=_("What is wrong"), value=lambda row: CASE_KINDS[row.case.kind]),
        Column(
            label=_("Case"),
            value="case.state",
            kind=Kind.STATE,
            href=lambda row: reverse("reconciliation:book-case", args=[row.case_id]),
        ),
    )
    order = ("account_number", "id")
    empty = _("Every line of this class agrees.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[BookDifference]:
        """Return the lines of the class."""
        self.comparison = get_comparison(filters["comparison_id"])
        figures = figures_of(self.comparison.pk).filter(accounting_class__code=filters["class_code"])
        self.figure = figures.first()
        if self.figure is None:
            raise Http404
        return differences_of(self.comparison.pk, class_code=filters["class_code"])

    def row_href(self, row: BookDifference) -> str:
        """Lead to the account in both books."""
        if not row.account_number:
            return ""
        return reverse("reconciliation:book-account", args=[row.comparison_id, row.account_number])

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Add the control totals of the class."""
        return {"comparison": self.comparison, "figure": self.figure, "back_url": address_of(self.comparison.pk)}


class BookAccountPage(DetailPage[AccountBooks]):
    """One account: what our books say entry by entry, what accounting says class by class."""

    permission: ClassVar[str] = "reconciliation.view_book_comparisons"
    template_name = "reconciliation/book_account.html"

    def subject(self, comparison_id: int, account_number: str) -> AccountBooks:
        """Return the account in both books."""
        self.comparison, self.account_number = get_comparison(comparison_id), account_number
        return account_books(self.comparison, account_number=account_number)

    def page_title(self, subject: AccountBooks) -> str:
        """Name the account."""
        return __("Account in both books")

    def more(self, subject: AccountBooks) -> Mapping[str, Any]:
        """Return both tables."""
        return {
            "comparison": self.comparison,
            "account_number": self.account_number,
            "account_url": search_url(self.account_number) if subject.account else "",
            "back_url": address_of(self.comparison.pk),
            "entries": Table(
                columns=_entry_columns(),
                rows=subject.entries,
                caption=_("Our entries"),
                empty=_("Nothing was posted on the account on these days."),
            ),
            "lines": Table(
                columns=_line_columns(),
                rows=subject.lines,
                caption=_("Lines of the accounting ledger"),
                empty=_("The accounting ledger does not name the account."),
            ),
        }


def _entry_columns() -> tuple[Column[AccountEntry], ...]:
    return (
        Column(label=_("Day"), value="posted_on", kind=Kind.DATE),
        Column(label=_("Document"), value="source_type", kind=Kind.CODE),
        Column(label=_("Number"), value="source_id", kind=Kind.CODE, href=lambda entry: search_url(entry.source_id)),
        Column(label=_("Other account"), value="other_code", kind=Kind.CODE),
        Column(label=_("Amount"), value="minor", kind=Kind.MONEY),
    )


def _line_columns() -> tuple[Column[Any], ...]:
    def money(label: Any, value: str) -> Column[Any]:
        return Column(label=label, value=value, kind=Kind.MONEY)

    return (
        Column(label=_("Class"), value="accounting_class.code", kind=Kind.CODE),
        Column(label=_("Line"), value="line_number", kind=Kind.NUM),
        money(_("Opening"), "opening_minor"),
        money(_("Debit"), "debit_minor"),
        money(_("Credit"), "credit_minor"),
        money(_("Closing"), "closing_minor"),
    )
