"""Files of the accounting ledger: what was loaded, a file with its lines, and loading: first a look, then the doing."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import uuid4

from django.core import signing
from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as __, gettext_lazy as _

from billing_site.core.errors import BillingError
from billing_site.core.messages import Message
from billing_site.documents.files import path_of, store_file
from billing_site.identity.http import StaffRequest
from billing_site.web.refusals import refusal_html
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import SUBMISSION_KEY, UNPROCESSABLE, FormPage, ListPage, Outcome
from reconciliation.domain.accounting_files import ClassSum, LineFault, TurnoverLine
from reconciliation.forms.books import AccountingFileForm
from reconciliation.models import AccountingFile, AccountingLine
from reconciliation.operations.accounting_files import LoadOutcome, load_accounting_file
from reconciliation.operations.book_jobs import LARGE_BYTES, begin_accounting_file, wish_of
from reconciliation.queries.accounting_files import accounting_files

SALT = "reconciliation.accounting_file"
PREVIEW_SECONDS = 3600


def _money(label: Any, value: Any, *, total: bool = True) -> Column[Any]:
    return Column(label=label, value=value, kind=Kind.MONEY, total=total)


class AccountingFileList(ListPage[AccountingFile]):
    """All files, the latest first."""

    permission: ClassVar[str] = "reconciliation.view_accounting_files"
    title = _("Files of the accounting ledger")
    template_name = "reconciliation/accounting_file_list.html"
    columns = (
        Column(label=_("File"), value="name"),
        Column(label=_("First day"), value="first_on", kind=Kind.DATE),
        Column(label=_("Last day"), value="last_on", kind=Kind.DATE),
        Column(label=_("Lines"), value="line_count", kind=Kind.NUM, total=True),
        _money(_("Debit turnover"), "debit_sum"),
        _money(_("Credit turnover"), "credit_sum"),
        Column(label=_("Loaded"), value="loaded_at", kind=Kind.STAMP),
        Column(label=_("Loaded by"), value="loaded_by"),
    )
    order = ("-id",)
    empty = _("No file was loaded yet. Load the turnover of the accounting ledger.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[AccountingFile]:
        """Return all files."""
        return accounting_files()

    def row_href(self, row: AccountingFile) -> str:
        """Lead to its lines."""
        return reverse("reconciliation:accounting-file", args=[row.pk])

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Say what the person may do."""
        return {"may_load": self.request.user.may("reconciliation.load_accounting_file")}


class AccountingFilePage(ListPage[AccountingLine]):
    """The lines of a file, as they stand in it."""

    permission: ClassVar[str] = "reconciliation.view_accounting_files"
    title = _("File of the accounting ledger")
    template_name = "reconciliation/accounting_file_detail.html"
    columns = (
        Column(label=_("Line"), value="line_number", kind=Kind.NUM),
        Column(label=_("Class"), value="accounting_class.code", kind=Kind.CODE),
        Column(label=_("Account"), value="account_number", kind=Kind.CODE),
        Column(label=_("Name"), value="name"),
        _money(_("Opening"), "opening_minor"),
        _money(_("Debit"), "debit_minor"),
        _money(_("Credit"), "credit_minor"),
        _money(_("Closing"), "closing_minor"),
    )
    order = ("line_number",)
    is_wide = True
    empty = _("The file has no lines.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[AccountingLine]:
        """Return the lines of the file."""
        file = AccountingFile.objects.select_related("layout").filter(pk=filters["file_id"]).first()
        if file is None:
            raise Http404
        self.file = file
        return AccountingLine.objects.filter(file=file).select_related("accounting_class")

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Add the file and its sums by class."""
        totals = self.file.totals.select_related("accounting_class").order_by("accounting_class__code")
        return {"file": self.file, "totals": _totals_table(list(totals), code="accounting_class.code")}


class LoadAccountingFile(FormPage):
    """A file, what it says, and its taking."""

    permission: ClassVar[str] = "reconciliation.load_accounting_file"
    title = _("Load the accounting ledger")
    form_class = AccountingFileForm
    submit_label = _("Show what it says")
    intro = _("Nothing is kept before you have seen it. The file is taken whole or not at all.")
    preview_template: ClassVar[str] = "reconciliation/load_accounting_file.html"

    def post(self, request: StaffRequest, **ids: Any) -> HttpResponseBase:
        """Show what a file says, or take the one that was shown."""
        if "seen" in request.POST:
            return self._load(str(request.POST["seen"]))
        form = self.form_class(request.POST, request.FILES)
        if form.is_valid():
            try:
                return self._preview(form.cleaned_data)
            except BillingError as error:
                form.add_error(None, refusal_html(error))
        return self._show_form(form, ids, status=UNPROCESSABLE)

    def _preview(self, given: Mapping[str, Any]) -> HttpResponseBase:
        content = given["ledger"].read()
        seen = {
            "map_code": given["layout"].code,
            "name": given["ledger"].name,
            "first_on": given["first_on"].isoformat(),
            "last_on": given["last_on"].isoformat(),
            "expected_closing": given["expected_closing"],
            "is_whole": given["is_whole"],
        }
        if len(content) > LARGE_BYTES:
            return self._later(store_file(content).sha256, seen, is_trial=True)
        outcome = load_accounting_file(content=content, is_trial=True, **wish_of(seen))
        context = preview_of(outcome, seen, sha256=store_file(content).sha256)
        self.template_name = self.preview_template  # type: ignore[misc]
        return self.show(context, status=UNPROCESSABLE if outcome.faults else 200)

    def _later(self, sha256: str, seen: Mapping[str, Any], *, is_trial: bool) -> HttpResponseBase:
        """Let the workers do it, and show how far they are."""
        job = begin_accounting_file(sha256=sha256, seen=seen, is_trial=is_trial, actor=self.request.user)
        return redirect("reconciliation:book-job", job_id=job.pk)

    def _load(self, token: str) -> HttpResponseBase:
        try:
            seen = signing.loads(token, salt=SALT, max_age=PREVIEW_SECONDS)
        except signing.BadSignature as error:
            raise Http404 from error
        sha256 = seen.pop("sha256")
        if path_of(sha256).stat().st_size > LARGE_BYTES:
            return self._later(sha256, seen, is_trial=False)
        content = path_of(sha256).read_bytes()
        try:
            return self.carry_out(lambda: self._take(content, seen))
        except BillingError as error:
            form = self.form_class({})
            form.errors.clear()
            form.add_error(None, refusal_html(error))
            return self._show_form(form, {}, status=UNPROCESSABLE)

    def _take(self, content: bytes, seen: Mapping[str, Any]) -> Outcome:
        outcome = load_accounting_file(content=content, actor=self.request.user, **wish_of(seen))
        assert outcome.file is not None
        url = reverse("reconciliation:accounting-file", args=[outcome.file.pk])
        return Outcome(url=url, message=__("The file is loaded. Compare its days with the books."))


def preview_of(outcome: LoadOutcome, seen: Mapping[str, Any], *, sha256: str) -> dict[str, Any]:
    """Return what a page shows of a file that was read: sums, first lines, faults, and what takes it as it was seen."""
    return {
        "file_name": seen["name"],
        "fault_count": len(outcome.faults),
        "faults": [_fault_row(seen["name"], fault) for fault in outcome.faults],
        "totals": _totals_table([_SumRow(code, one) for code, one in sorted(outcome.sums.items())], code="code"),
        "lines": _lines_table(outcome.first_lines),
        "seen": signing.dumps({**seen, "sha256": sha256}, salt=SALT),
        "load_url": reverse("reconciliation:load-accounting-file"),
        "back_url": reverse("reconciliation:accounting-files"),
        SUBMISSION_KEY: uuid4(),
    }


class _SumRow:
    """A class and the sums of its lines, named as the rows of the database are."""

    def __init__(self, code: str, found: ClassSum) -> None:
        self.code, self.line_count = code, found.line_count
        self.opening_minor, self.debit_minor, self.credit_minor, self.closing_minor = found.amounts


def _totals_table(rows: Sequence[Any], *, code: str) -> Table[Any]:
    columns: tuple[Column[Any], ...] = (
        Column(label=_("Class"), value=code, kind=Kind.CODE),
        Column(label=_("Lines"), value="line_count", kind=Kind.NUM),
        _money(_("Opening"), "opening_minor"),
        _money(_("Debit"), "debit_minor"),
        _money(_("Credit"), "credit_minor"),
        _money(_("Closing"), "closing_minor"),
    )
    return Table(columns=columns, rows=rows, caption=_("Sums by class"), empty=_("No class was read."))


def _lines_table(lines: Sequence[TurnoverLine]) -> Table[TurnoverLine]:
    columns: tuple[Column[TurnoverLine], ...] = (
        Column(label=_("Line"), value="line_number", kind=Kind.NUM),
        Column(label=_("Class"), value="class_code", kind=Kind.CODE),
        Column(label=_("Account"), value="account_number", kind=Kind.CODE),
        Column(label=_("Name"), value="name"),
        _money(_("Opening"), "opening"),
        _money(_("Debit"), "debit"),
        _money(_("Credit"), "credit"),
        _money(_("Closing"), "closing"),
    )
    return Table(columns=columns, rows=lines, caption=_("First lines"), empty=_("No line was read."))


def _fault_row(file_name: str, fault: LineFault) -> Mapping[str, object]:
    message = Message(msgid=fault.sentence, params=fault.context(file_name))
    return {"line": fault.line_number, "field": fault.field, "message": message}
