"""The matching screen: a line at the start, whose money it may be beside it, and what people do with it."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext

from billing_site.core import clock
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.web.refusals import sentence_html
from billing_site.web.tables import Column, Kind, Table
from billing_site.web.views import ActionView, DetailPage, FormPage, ListPage, Outcome
from reconciliation.forms.statements import (
    DismissalForm,
    MatchForm,
    OpenLineFilter,
    ParkForm,
    QuestionForm,
    ReturnForm,
)
from reconciliation.models import Match, StatementLine
from reconciliation.operations.matches import (
    ask_colleague,
    dismiss_line,
    match_line,
    match_return,
    park_line,
    undo_match,
)
from reconciliation.queries.statements import statement_sums
from reconciliation.queries.unmatched import (
    ASKED,
    find_line,
    left_of,
    next_open_line,
    open_lines,
    reason_messages,
    shown_proposals,
    standing_matches,
)
from reconciliation.views.statement_words import (
    address_of_statement,
    group_of_line,
    kind_of_line,
    name_of_statement,
    words_of_line,
)
from subscribers.queries.search import SearchHit, search_subscribers
from subscribers.views.accounts import account_column

GIVEN = gettext_noop("Line %(line)s given to %(accounts)s.")


def get_line_or_404(line_id: int) -> StatementLine:
    """Return a line, or raise ``Http404``."""
    line = find_line(line_id)
    if line is None:
        raise Http404
    return line


def address_of_line(line: StatementLine) -> str:
    """Return where a line is worked on, or shown where it has ended."""
    name = "match-line" if line.state == StatementLine.State.SUSPENSE else "statement-line"
    return reverse(f"reconciliation:{name}", args=[line.pk])


def address_after(line: StatementLine) -> str:
    """Return the address of the line that waits next, else of the statement."""
    following = next_open_line(line)
    return address_of_line(following) if following is not None else address_of_statement(line.statement_id)


class OpenLineList(ListPage[StatementLine]):
    """All lines that wait for people."""

    permission = "reconciliation.view_statements"
    title = gettext_lazy("Lines without an owner")
    template_name = "reconciliation/open_line_list.html"
    columns = (
        Column(label=gettext_lazy("Day"), value="booked_on", kind=Kind.DATE),
        Column(label=gettext_lazy("Bank account"), value="statement.bank_account.name"),
        Column(label=gettext_lazy("Left"), value="left_minor", kind=Kind.MONEY, total=True),
        Column(label=gettext_lazy("Kind"), value=kind_of_line),
        Column(label=gettext_lazy("Group"), value=group_of_line),
        Column(label=gettext_lazy("Payer"), value="payer_name"),
        Column(label=gettext_lazy("Text"), value="text"),
        Column(label=gettext_lazy("What is said of it"), value=words_of_line, kind=Kind.SENTENCE),
        Column(label=gettext_lazy("Who was asked"), value=lambda row: row.asked.full_name if row.asked else ""),
    )
    order = ("statement_id", "n", "id")
    filter_form = OpenLineFilter
    is_wide = True
    empty = gettext_lazy("No line waits: every receipt of the statements has its owner.")

    def rows(self, filters: Mapping[str, Any]) -> QuerySet[StatementLine]:
        """Return the lines of the filter."""
        bank, group = filters.get("bank"), filters.get("group") or ""
        asked = self.request.user.pk if group == ASKED else None
        return open_lines(
            bank_account_id=bank.pk if bank else None, group="" if group == ASKED else group, asked_id=asked
        )

    def row_href(self, row: StatementLine) -> str:
        """Lead to where it is worked on, or to the line alone for who only reads."""
        if self.request.user.has_perm("reconciliation.match_line"):
            return address_of_line(row)
        return reverse("reconciliation:statement-line", args=[row.pk])


class StatementLinePage(DetailPage[StatementLine]):
    """A line as the bank wrote it, and to whom it was given."""

    permission = "reconciliation.view_statements"
    template_name = "reconciliation/statement_line.html"

    def subject(self, line_id: int) -> StatementLine:
        """Return the line."""
        return get_line_or_404(line_id)

    def page_title(self, subject: StatementLine) -> str:
        """Name it."""
        return _("Line %(line)s") % {"line": subject.n}

    def more(self, subject: StatementLine) -> Mapping[str, Any]:
        """Return whose it is, and what may be done."""
        return {**context_of(subject), "may_undo": self.request.user.may("reconciliation.undo_match")}


def context_of(line: StatementLine) -> dict[str, Any]:
    """Return what every page of a line shows."""
    url = address_of_statement(line.statement_id)
    return {
        "line": line,
        "kind": kind_of_line(line),
        "words": words_of_line(line),
        "matches": matches_table(line),
        "crumb": {"url": url, "label": name_of_statement(line.statement)},
    }


def matches_table(line: StatementLine) -> Table[Match]:
    """Return to whom a line was given, why and by whom."""
    return Table(
        caption=_("Given to"),
        columns=(
            account_column(),
            Column(label=_("Amount"), value="amount_minor", kind=Kind.MONEY),
            Column(label=_("Why"), value=reasons_of, kind=Kind.SENTENCE),
            Column(
                label=pgettext("a person", "By"),
                value=lambda m: m.matched_by.full_name if m.matched_by else _("the rules"),
            ),
            Column(label=_("When"), value="matched_at", kind=Kind.INSTANT),
        ),
        rows=list(standing_matches(line.pk)),
        empty=_("Nobody has this money yet."),
    )


def reasons_of(match: Match) -> str:
    """Say why a line was given to an account."""
    return ", ".join(
        _(one.msgid) % one.params if one.params else _(one.msgid) for one in reason_messages(match.reasons)
    )


class MatchLine(FormPage):
    """A line at the start, proposals beside it: Enter takes the best one and shows the next line."""

    permission: ClassVar[str] = "reconciliation.match_line"
    title = gettext_lazy("Whose money is this?")
    template_name = "reconciliation/match_line.html"
    submit_label = gettext_lazy("Give")
    form_class = MatchForm

    def initial(self, line_id: int) -> Mapping[str, Any]:
        """Fill in what is left of the line, and the account that was chosen."""
        left = left_of(get_line_or_404(line_id))
        digits = currency_digits(settings.SALDO_CURRENCY)
        return {"account_1": self.request.GET.get("account", ""), "amount_1": minor_to_decimal(left, digits=digits)}

    def perform(self, form: MatchForm, line_id: int) -> Outcome:
        """Give it, and go on with the next one."""
        line = get_line_or_404(line_id)
        matches = match_line(line_id=line_id, parts=form.cleaned_data["parts"], at=clock.now(), actor=self.request.user)
        line.refresh_from_db()
        url = address_of_line(line) if line.state == StatementLine.State.SUSPENSE else address_after(line)
        numbers = ", ".join(match.account.number for match in matches)
        return Outcome(
            url=url,
            message=format_html("<span>{}</span>", sentence_html(GIVEN, {"line": line.n, "accounts": numbers})),
            undo_url=reverse("reconciliation:undo-match", args=[line_id]),
        )

    def more(self, line_id: int) -> Mapping[str, Any]:
        """Return the line, its proposals, what was searched, and how far the statement is."""
        line = get_line_or_404(line_id)
        sums, query = statement_sums(line.statement_id), self.request.GET.get("q", "").strip()
        following = next_open_line(line)
        done = sums.receipt_count - sums.left_count
        return {
            **context_of(line),
            "left_minor": left_of(line),
            "is_open": line.state == StatementLine.State.SUSPENSE,
            "proposals": shown_proposals(line),
            "group": group_of_line(line),
            "sums": sums,
            "done_count": done,
            "query": query,
            "hits": search_hits(query),
            "next_url": address_of_line(following) if following is not None else "",
            "colleague_url": reverse("reconciliation:ask-colleague", args=[line_id]),
        }


def search_hits(query: str) -> tuple[SearchHit, ...]:
    """Return the accounts that a person looks for: by account, by telephone number, by name."""
    if not query:
        return ()
    return search_subscribers(text=query, country_code=settings.SALDO_COUNTRY_CODE, at=clock.now(), limit=10)


class UndoMatch(ActionView):
    """A line is taken back from those whom it was given to."""

    permission: ClassVar[str] = "reconciliation.undo_match"
    title = gettext_lazy("Take the money back from these accounts?")
    button = gettext_lazy("Take back")
    is_dangerous = True
    template_name = "reconciliation/undo_match.html"

    def perform(self, line_id: int) -> Outcome:
        """Take it back."""
        reason = self.request.POST.get("reason", "").strip() or _("Given by mistake and undone at once.")
        line = undo_match(line_id=line_id, reason=reason, at=clock.now(), actor=self.request.user)
        return Outcome(url=address_of_line(line), message=_("Taken back; the money waits in suspense."))

    def back_url(self, line_id: int) -> str:
        """Lead to the line."""
        return address_of_line(get_line_or_404(line_id))

    def question(self, line_id: int) -> str:
        """Say from how many."""
        count = standing_matches(line_id).count()
        return ngettext(
            "The money is taken back from %(count)s account and waits in suspense.",
            "The money is taken back from %(count)s accounts and waits in suspense.",
            count,
        ) % {"count": count}


class LineForm(FormPage):
    """A form about a line that waits."""

    def more(self, line_id: int) -> Mapping[str, Any]:
        """Show the line and lead back to it."""
        line = get_line_or_404(line_id)
        return {**context_of(line), "back_url": address_of_line(line)}


class ParkLine(LineForm):
    """A line is put aside, or taken up again."""

    permission: ClassVar[str] = "reconciliation.park_line"
    title = gettext_lazy("Put aside or take up again")
    template_name = "reconciliation/park_line.html"
    form_class = ParkForm

    def perform(self, form: ParkForm, line_id: int) -> Outcome:
        """Do it, and go on with the next one."""
        line = park_line(line_id=line_id, note=form.cleaned_data["note"], actor=self.request.user)
        line = get_line_or_404(line.pk)
        if line.is_parked:
            return Outcome(url=address_after(line), message=_("Put aside."))
        return Outcome(url=address_of_line(line), message=_("Taken up again."))


class AskColleague(LineForm):
    """Somebody is asked whose a line is."""

    permission: ClassVar[str] = "reconciliation.ask_colleague"
    title = gettext_lazy("Ask a colleague")
    template_name = "reconciliation/ask_colleague.html"
    submit_label = gettext_lazy("Ask a colleague")
    form_class = QuestionForm

    def perform(self, form: QuestionForm, line_id: int) -> Outcome:
        """Ask, and go on with the next one."""
        colleague = form.cleaned_data["colleague"]
        line = ask_colleague(
            line_id=line_id,
            colleague_id=colleague.pk,
            question=form.cleaned_data["question"],
            actor=self.request.user,
        )
        message = _("%(name)s was asked.") % {"name": colleague.full_name}
        return Outcome(url=address_after(get_line_or_404(line.pk)), message=message)


class DismissLine(LineForm):
    """A line is no receipt of a subscriber."""

    permission: ClassVar[str] = "reconciliation.dismiss_line"
    title = gettext_lazy("No subscriber has paid this")
    template_name = "reconciliation/dismiss_line.html"
    submit_label = gettext_lazy("Take it out of suspense")
    form_class = DismissalForm

    def perform(self, form: DismissalForm, line_id: int) -> Outcome:
        """Dismiss it, and go on with the next one."""
        line = get_line_or_404(line_id)
        dismiss_line(line_id=line_id, **form.cleaned_data, at=clock.now(), actor=self.request.user)
        return Outcome(url=address_after(line), message=_("Line %(line)s is no receipt.") % {"line": line.n})


class MatchReturn(LineForm):
    """Which payment the bank took back."""

    permission: ClassVar[str] = "reconciliation.match_return"
    title = gettext_lazy("Which payment came back?")
    template_name = "reconciliation/match_return.html"
    submit_label = gettext_lazy("Take the payment back")
    form_class = ReturnForm

    def perform(self, form: ReturnForm, line_id: int) -> Outcome:
        """Take it back, and go on with the next one."""
        line = match_return(
            line_id=line_id, payment_id=form.cleaned_data["payment"], at=clock.now(), actor=self.request.user
        )
        return Outcome(url=address_after(get_line_or_404(line.pk)), message=_("The payment is taken back."))
