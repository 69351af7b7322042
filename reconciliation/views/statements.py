"""Bank accounts and the statements of their banks: lists, one statement with its lines, a file taken, a decision."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from billing_site.core import clock
from billing_site.identity.http import StaffRequest
from billing_site.jobs.models import Job
from billing_site.web.job_panel import JobLinks, job_panel_response, make_job_panel
from billing_site.web.tables import Column, Kind
from billing_site.web.views import FormPage, ListPage, Outcome, StaffPage
from reconciliation.domain.statement_control import PASSING
from reconciliation.forms.statements import (
    FORMAT_WORDS,
    BankAccountForm,
    ChangeBankAccountForm,
    LineFilter,
    ReasonForm,
    StatementFilter,
    StatementForm,
)
from reconciliation.models import BankAccount, Statement, StatementFile, StatementLine
from reconciliation.operations.bank_accounts import add_bank_account, change_bank_account
from reconciliation.operations.statement_booking import job_key
from reconciliation.operations.statements import discard_statement, load_statement, release_statement
from reconciliation.queries.statements import (
    bank_accounts,
    filter_lines,
    filter_statements,
    find_statement,
    statement_sums,
)
from reconciliation.views.statement_words import (
    address_of_statement,
    kind_of_line,
    misfits_of,
    name_of_statement,
    words_of_line,
)


def get_statement_or_404(statement_id: int) -> Statement:
    """Return a statement, or raise ``Http404``."""
    statement = find_statement(statement_id)
    if statement is None:
        raise Http404
    return statement


class BankAccountList(ListPage[BankAccount]):
    """Our accounts at banks."""

    permission = "reconciliation.view_statements"
    title = gettext_lazy("Bank accounts")
    template_name = "reconciliation/bank_account_list.html"
    columns = (
        Column(label=gettext_lazy("Code"), value="code", kind=Kind.CODE),
        Column(label=gettext_lazy("Name"), value="name"),
        Column(label=gettext_lazy("Bank"), value="bank_name"),
        Column(label=gettext_lazy("Number"), value="shown_number", kind=Kind.CODE),
        Column(label=gettext_lazy("Currency"), value="currency", kind=Kind.CODE),
        Column(label=gettext_lazy("Form"), value=lambda row: FORMAT_WORDS[row.format]),
        Column(label=gettext_lazy("Statements"), value="statement_count", kind=Kind.NUM),
        Column(label=gettext_lazy("Held"), value="held_count", kind=Kind.NUM),
    )
    order = ("code", "id")
    empty = gettext_lazy("There is no bank account yet. Add one, then its statements can be loaded.")

    def rows(self, _filters: Mapping[str, Any]) -> QuerySet[BankAccount]:
        """Return all."""
        return bank_accounts()

    def row_href(self, row: BankAccount) -> str:
        """Lead to where it is changed."""
        may = self.request.user.may("reconciliation.change_bank_account")
        return reverse("reconciliation:change-bank-account", args=[row.pk]) if may else ""


class AddBankAccount(FormPage):
    """A new one."""

    permission: ClassVar[str] = "reconciliation.add_bank_account"
    title = gettext_lazy("Add a bank account")
    form_class = BankAccountForm

    def perform(self, form: BankAccountForm) -> Outcome:
        """Add it."""
        values = {name: value for name, value in form.cleaned_data.items() if name != "is_active"}
        account = add_bank_account(**values, actor=self.request.user)
        return Outcome(
            url=reverse("reconciliation:bank-accounts"), message=_("Added: %(name)s") % {"name": account.name}
        )


class ChangeBankAccount(FormPage):
    """How its statements are read."""

    permission: ClassVar[str] = "reconciliation.change_bank_account"
    title = gettext_lazy("Change a bank account")
    form_class = ChangeBankAccountForm

    def initial(self, bank_account_id: int) -> Mapping[str, Any]:
        """Return what is kept."""
        account = self._account(bank_account_id)
        told = {name: getattr(account, name) for name in ("name", "encoding", "charge_rule", "is_active")}
        return {**told, "column_map": json.dumps(account.column_map, ensure_ascii=False) if account.column_map else ""}

    def perform(self, form: ChangeBankAccountForm, bank_account_id: int) -> Outcome:
        """Change it."""
        change_bank_account(bank_account_id=bank_account_id, **form.cleaned_data, actor=self.request.user)
        return Outcome(url=reverse("reconciliation:bank-accounts"), message=_("Changed."))

    def more(self, bank_account_id: int) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("reconciliation:bank-accounts"), "intro": str(self._account(bank_account_id))}

    def _account(self, bank_account_id: int) -> BankAccount:
        found = bank_accounts().filter(pk=bank_account_id).first()
        if found is None:
            raise Http404
        return found


class StatementList(ListPage[Statement]):
    """All statements, the latest first."""

    permission = "reconciliation.view_statements"
    title = gettext_lazy("Bank statements")
    template_name = "reconciliation/statement_list.html"
    columns = (
        Column(label=gettext_lazy("Loaded"), value="file.loaded_at", kind=Kind.INSTANT),
        Column(label=gettext_lazy("Bank account"), value="bank_account.name"),
        Column(label=gettext_lazy("Statement"), value=str, kind=Kind.CODE),
        Column(label=gettext_lazy("Ends on"), value="closed_on", kind=Kind.DATE),
        Column(label=gettext_lazy("State"), value="shown_state", kind=Kind.STATE),
        Column(label=gettext_lazy("Opening"), value="opening_minor", kind=Kind.MONEY),
        Column(label=gettext_lazy("Came in"), value="credit_minor", kind=Kind.MONEY, total=True),
        Column(label=gettext_lazy("Went out"), value="debit_minor", kind=Kind.MONEY, total=True),
        Column(label=gettext_lazy("Closing"), value="closing_minor", kind=Kind.MONEY),
        Column(label=gettext_lazy("Lines"), value="line_count", kind=Kind.NUM, total=True),
        Column(label=gettext_lazy("Matched"), value="matched_count", kind=Kind.NUM, total=True),
        Column(label=gettext_lazy("In suspense"), value="suspense_count", kind=Kind.NUM, total=True),
        Column(label=gettext_lazy("Duplicates"), value="duplicate_count", kind=Kind.NUM, total=True),
    )
    order = ("-id",)
    filter_form = StatementFilter
    is_wide = True
    empty = gettext_lazy("No statement was loaded yet. Load the file that the bank sent.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[Statement]:
        """Return the statements of the filter."""
        bank = filters.get("bank")
        return filter_statements(
            bank_account_id=bank.pk if bank else None,
            state=filters.get("state") or "",
            first=filters.get("first"),
            last=filters.get("last"),
        )

    def row_href(self, row: Statement) -> str:
        """Lead to the statement."""
        return address_of_statement(row.pk)


class StatementPage(ListPage[StatementLine]):
    """One statement: whether it fits, what became of its money, and every line."""

    permission = "reconciliation.view_statements"
    template_name = "reconciliation/statement_detail.html"
    columns = (
        Column(label=gettext_lazy("Line"), value="n", kind=Kind.NUM),
        Column(label=gettext_lazy("Day"), value="booked_on", kind=Kind.DATE),
        Column(label=gettext_lazy("Amount"), value="amount_minor", kind=Kind.MONEY, total=True),
        Column(label=gettext_lazy("State"), value="shown_state", kind=Kind.STATE),
        Column(label=gettext_lazy("Kind"), value=kind_of_line),
        Column(label=gettext_lazy("Payer"), value="payer_name"),
        Column(label=gettext_lazy("Text"), value="text"),
        Column(
            label=gettext_lazy("Account"),
            value=lambda row: row.payment.account.number if row.payment and row.payment.account else "",
            kind=Kind.CODE,
        ),
        Column(label=gettext_lazy("Reference"), value="bank_reference", kind=Kind.CODE),
        Column(label=gettext_lazy("What is said of it"), value=words_of_line, kind=Kind.SENTENCE),
    )
    order = ("n",)
    filter_form = LineFilter
    is_wide = True
    empty = gettext_lazy("The statement has no lines.")

    def get(self, request: StaffRequest, **ids: Any) -> Any:
        """Name the page after the statement."""
        self.statement = get_statement_or_404(ids["statement_id"])
        self.title = name_of_statement(self.statement)  # type: ignore[misc]
        return super().get(request, **ids)

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[StatementLine]:
        """Return its lines."""
        return filter_lines(
            statement_id=filters["statement_id"], state=filters.get("state") or "", kind=filters.get("kind") or ""
        )

    def row_href(self, row: StatementLine) -> str:
        """Lead to the line."""
        return reverse("reconciliation:statement-line", args=[row.pk])

    def more(self, filters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the sums, what does not fit, and how far the booking is."""
        statement, user = self.statement, self.request.user
        job = Job.objects.filter(key=job_key(statement.pk)).first()
        is_held = statement.state == Statement.State.HELD
        codes = {one["code"] for one in statement.held_for}
        return {
            "statement": statement,
            "sums": statement_sums(statement.pk),
            "misfits": misfits_of(statement),
            "panel": make_job_panel(job=job, links=links_of(statement), now=clock.now()) if job else None,
            "may_release": is_held and codes <= PASSING and user.may("reconciliation.release_statement"),
            "may_discard": is_held and user.may("reconciliation.discard_statement"),
        }


def links_of(statement: Statement) -> JobLinks:
    """Return the addresses of the panel of a statement's booking."""
    return JobLinks(panel=reverse("reconciliation:statement-job", args=[statement.pk]))


class StatementJob(StaffPage):
    """How far the booking is, asked for again and again."""

    permission = "reconciliation.view_statements"

    def get(self, request: StaffRequest, statement_id: int) -> HttpResponse:
        """Show the panel."""
        statement = get_statement_or_404(statement_id)
        job = Job.objects.filter(key=job_key(statement.pk)).first()
        if job is None:
            raise Http404
        return job_panel_response(request, job=job, links=links_of(statement))


class LoadStatement(FormPage):
    """A bank's file is taken."""

    permission: ClassVar[str] = "reconciliation.load_statement"
    title = gettext_lazy("Load a statement")
    submit_label = gettext_lazy("Load")
    form_class = StatementForm
    intro = gettext_lazy(
        "A file is read whole or refused whole. A statement that does not fit the one before it is held until that"
        " comes."
    )

    def initial(self) -> Mapping[str, Any]:
        """Choose the only bank account, or the one that was asked for."""
        active = list(BankAccount.objects.filter(is_active=True).values_list("code", flat=True)[:2])
        return {"bank": self.request.GET.get("bank") or (active[0] if len(active) == 1 else "")}

    def perform(self, form: StatementForm) -> Outcome:
        """Take it, and show the statement, or the list where there are several."""
        sent = form.cleaned_data["statement"]
        file = load_statement(
            bank_code=form.cleaned_data["bank"].code,
            name=sent.name,
            content=sent.read(),
            loaded_at=clock.now(),
            actor=self.request.user,
        )
        statements = list(file.statements.order_by("n"))
        url = address_of_statement(statements[0].pk) if len(statements) == 1 else reverse("reconciliation:statements")
        return Outcome(url=url, message=file_sentence(file, statements))

    def more(self) -> Mapping[str, Any]:
        """Lead back."""
        return {"back_url": reverse("reconciliation:statements")}


def file_sentence(file: StatementFile, statements: list[Statement]) -> str:
    """Say how the loading of a file ended."""
    held = sum(one.state == Statement.State.HELD for one in statements)
    if held:
        return ngettext(
            "Loaded; %(held)s statement of %(count)s is held.",
            "Loaded; %(held)s statements of %(count)s are held.",
            held,
        ) % {"held": held, "count": len(statements)}
    return ngettext("Loaded: %(count)s line.", "Loaded: %(count)s lines.", file.line_count) % {"count": file.line_count}


class DecideStatement(FormPage):
    """A decision on a held statement, with its reason."""

    form_class = ReasonForm

    def perform(self, form: ReasonForm, statement_id: int) -> Outcome:
        """Decide."""
        get_statement_or_404(statement_id)
        self.decide(statement_id, form.cleaned_data["reason"])
        return Outcome(url=address_of_statement(statement_id), message=_("Done."))

    def decide(self, statement_id: int, reason: str) -> None:
        """Call the operation."""
        raise NotImplementedError

    def more(self, statement_id: int) -> Mapping[str, Any]:
        """Say what is held and why."""
        statement = get_statement_or_404(statement_id)
        return {
            "back_url": address_of_statement(statement_id),
            "statement": statement,
            "misfits": misfits_of(statement),
            "crumb": {"url": address_of_statement(statement_id), "label": name_of_statement(statement)},
        }


class ReleaseStatement(DecideStatement):
    """Somebody answers for what is missing before it."""

    permission: ClassVar[str] = "reconciliation.release_statement"
    title = gettext_lazy("Go on without what is missing")
    submit_label = gettext_lazy("Book the statement")
    template_name = "reconciliation/release_statement.html"

    def decide(self, statement_id: int, reason: str) -> None:
        """Release it."""
        release_statement(statement_id=statement_id, reason=reason, at=clock.now(), actor=self.request.user)


class DiscardStatement(DecideStatement):
    """It is thrown away."""

    permission: ClassVar[str] = "reconciliation.discard_statement"
    title = gettext_lazy("Throw the statement away")
    submit_label = gettext_lazy("Throw away")
    template_name = "reconciliation/discard_statement.html"

    def decide(self, statement_id: int, reason: str) -> None:
        """Throw it away."""
        discard_statement(statement_id=statement_id, reason=reason, at=clock.now(), actor=self.request.user)
