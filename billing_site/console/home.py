"""What waits for a person: the rows of the home page, each only for those who may open what it leads to."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing_site.console.books import count_last_findings
from billing_site.core import clock
from billing_site.identity.models import User
from billing_site.jobs.models import Job, WorkItem
from billing_site.web.addresses import url_or_empty
from billing_site.web.states import Tone
from invoicing.models import BillRun, CreditNote
from invoicing.queries.bill_deliveries import count_bills_back
from invoicing.queries.disputes import disputes_for
from invoicing.queries.periods import count_late_steps
from invoicing.queries.unsent_bills import count_bills_without_file, count_late_mails, count_letters_without_file
from payments.models import DebitBatch, DunningPolicy, OnlinePayment, WriteOff
from payments.queries.left_money import last_left_count
from payments.queries.networks import count_open_alarms
from rating.models import FraudHit, LineProposal, UsageFile
from rating.queries.intake import count_late_sources
from rating.queries.line_proposals import line_proposals
from rating.queries.quarantine import LineChoice, quarantine_sums
from rating.queries.reratings import reratings_to_approve
from reconciliation.queries.book_comparisons import count_open_book_cases
from reconciliation.queries.revenue_transfers import count_refused_transfers, count_transfers_to_send
from reconciliation.queries.statements import count_held_statements
from reconciliation.queries.terminal_checks import alarms, count_open_cases
from reconciliation.queries.unmatched import count_open_lines
from subscribers.models import Notice
from tariffs.queries.waiting import decks_to_confirm, versions_to_approve


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One thing that waits: what, how many, and where to go."""

    label: str | Promise
    count: int
    url: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Where a count comes from, who may see it and where it leads."""

    label: str | Promise
    verb: str
    url_name: str
    count: Callable[[User], int]
    tone: Tone = Tone.WARN
    # The filter that shows what was counted.
    query: str = ""


SOURCES = (
    _Source(
        label=_("Usage files held back"),
        verb="rating.view_intake",
        url_name="rating:usage-files",
        count=lambda _person: UsageFile.objects.filter(state=UsageFile.State.HELD).count(),
    ),
    _Source(
        label=_("Lines in quarantine"),
        verb="rating.view_quarantine",
        url_name="rating:quarantine",
        count=lambda person: quarantine_sums(choice=LineChoice(), viewer=person).line_count,
    ),
    _Source(
        label=_("Proposals for waiting lines to be decided"),
        verb="rating.approve_write_off",
        url_name="rating:line-proposals",
        count=lambda person: line_proposals(viewer=person, state=LineProposal.State.PROPOSED).count(),
    ),
    _Source(
        label=_("Suspicions of fraud"),
        verb="rating.view_fraud_hits",
        url_name="rating:fraud-hits",
        count=lambda _person: FraudHit.objects.filter(state=FraudHit.State.OPEN).count(),
        tone=Tone.BAD,
    ),
    _Source(
        label=_("Usage files that did not come"),
        verb="rating.view_intake",
        url_name="rating:usage-files",
        count=lambda _person: count_late_sources(today=clock.today(), now=clock.now(), zone=clock.operator_zone()),
        tone=Tone.BAD,
    ),
    _Source(
        label=_("Plan versions to be approved"),
        verb="tariffs.publish_plan_version",
        url_name="tariffs:plans",
        count=lambda person: versions_to_approve(person).count(),
        query="standing=SUBMITTED",
    ),
    _Source(
        label=_("Rate decks whose jumps wait for a second person"),
        verb="tariffs.confirm_rate_deck",
        url_name="tariffs:plans",
        count=lambda person: decks_to_confirm(person).count(),
        query="standing=DRAFT",
    ),
    _Source(
        label=_("Re-ratings to be approved"),
        verb="rating.approve_rerating",
        url_name="rating:reratings",
        count=lambda person: reratings_to_approve(person).count(),
    ),
    _Source(
        label=_("Notices to be told to subscribers"),
        verb="subscribers.tell_notice",
        url_name="subscribers:notices",
        count=lambda _person: Notice.objects.filter(channel=Notice.Channel.TELL, state=Notice.State.WAITING).count(),
    ),
    _Source(
        label=_("Bills that came back or failed"),
        verb="invoicing.resend_bill",
        url_name="invoicing:bill-deliveries",
        query="state=BACK",
        count=lambda person: count_bills_back(viewer=person),
        tone=Tone.BAD,
    ),
    _Source(
        label=_("Bills on paper that no print file has yet"),
        verb="invoicing.print_waiting_bills",
        url_name="invoicing:print-batches",
        query="state=PLANNED",
        count=lambda _person: count_bills_without_file(),
    ),
    _Source(
        label=_("Letters on paper that no print file has yet"),
        verb="invoicing.print_letters",
        url_name="invoicing:print-letters",
        count=lambda _person: count_letters_without_file(),
    ),
    _Source(
        label=_("Bills by e-mail that have waited for an hour"),
        verb="invoicing.print_waiting_bills",
        url_name="invoicing:bill-deliveries",
        query="channel=E_MAIL&state=WAITING",
        count=lambda _person: count_late_mails(at=clock.now()),
        tone=Tone.BAD,
    ),
    _Source(
        label=_("Bill runs to be reviewed"),
        verb="invoicing.view_bill_runs",
        url_name="invoicing:bill-runs",
        count=lambda _person: BillRun.objects.filter(state=BillRun.State.CALCULATED).count(),
    ),
    _Source(
        label=_("Disputes whose answer is overdue"),
        verb="invoicing.answer_dispute",
        url_name="invoicing:overdue-disputes",
        count=lambda _person: disputes_for(overdue_at=clock.now()).count(),
        tone=Tone.BAD,
    ),
    _Source(
        label=_("Money of accounts that left"),
        verb="payments.view_left_money",
        url_name="payments:left-money",
        count=lambda _person: last_left_count(at=clock.now()),
    ),
    _Source(
        label=_("Credit notes that wait for a second person"),
        verb="invoicing.approve_credit_note",
        url_name="invoicing:credit-notes",
        count=lambda _person: CreditNote.objects.filter(state=CreditNote.State.PROPOSED).count(),
    ),
    _Source(
        label=_("Debts proposed to be written off"),
        verb="payments.approve_bad_debt",
        url_name="payments:write-offs",
        count=lambda _person: WriteOff.objects.filter(state=WriteOff.State.PROPOSED).count(),
    ),
    _Source(
        label=_("Batches of direct debits to be released"),
        verb="payments.release_debit_batch",
        url_name="payments:debit-batches",
        query="state=PROPOSED",
        count=lambda _person: DebitBatch.objects.filter(state=DebitBatch.State.PROPOSED).count(),
    ),
    _Source(
        label=_("Online payments of which the provider tells something else"),
        verb="payments.view_online_payments",
        url_name="payments:online-payments",
        query="state=CONFLICT",
        count=lambda _person: OnlinePayment.objects.filter(state=OnlinePayment.State.CONFLICT).count(),
        tone=Tone.BAD,
    ),
    _Source(
        label=_("Dunning policies to be published"),
        verb="payments.publish_dunning_policy",
        url_name="payments:dunning-policies",
        count=lambda _person: DunningPolicy.objects.filter(state=DunningPolicy.State.DRAFT).count(),
    ),
    _Source(
        label=_("Open differences of the terminal check"),
        verb="reconciliation.view_terminal_checks",
        url_name="reconciliation:discrepancies",
        count=lambda _person: count_open_cases(),
    ),
    _Source(
        label=_("Registers of terminals that did not come"),
        verb="reconciliation.view_terminal_checks",
        url_name="reconciliation:terminal-checks",
        query="state=MISSING",
        count=lambda _person: len(alarms()),
        tone=Tone.BAD,
    ),
    _Source(
        label=_("Alarms of payment networks"),
        verb="payments.settle_network_alarm",
        url_name="payments:terminal-networks",
        count=lambda _person: count_open_alarms(),
        tone=Tone.BAD,
    ),
    _Source(
        label=_("Lines of bank statements without an owner"),
        verb="reconciliation.match_line",
        url_name="reconciliation:open-lines",
        count=lambda _person: count_open_lines(),
    ),
    _Source(
        label=_("Lines of bank statements that you were asked about"),
        verb="reconciliation.view_statements",
        url_name="reconciliation:open-lines",
        count=lambda person: count_open_lines(asked_id=person.pk),
    ),
    _Source(
        label=_("Bank statements that are held"),
        verb="reconciliation.release_statement",
        url_name="reconciliation:statements",
        count=lambda _person: count_held_statements(),
        tone=Tone.BAD,
    ),
    _Source(
        label=_("Open differences from accounting"),
        verb="reconciliation.correct_book_case",
        url_name="reconciliation:book-cases",
        count=lambda _person: count_open_book_cases(),
    ),
    _Source(
        label=_("Revenue transfers that wait for a second person"),
        verb="reconciliation.send_revenue_transfer",
        url_name="reconciliation:revenue-transfers",
        count=lambda person: count_transfers_to_send(person_id=person.pk),
    ),
    _Source(
        label=_("Revenue transfers that accounting refused"),
        verb="reconciliation.note_transfer_answer",
        url_name="reconciliation:revenue-transfers",
        count=lambda _person: count_refused_transfers(),
        tone=Tone.BAD,
    ),
    _Source(
        label=_("Late steps of accounting periods"),
        verb="invoicing.complete_period_step",
        url_name="invoicing:periods",
        count=lambda _person: count_late_steps(on=clock.today()),
    ),
    _Source(
        label=_("Findings of the last check of the books"),
        verb="console.check_books",
        url_name="console:check-books",
        count=lambda _person: count_last_findings(),
        tone=Tone.BAD,
    ),
    _Source(
        label=_("Pieces of work set aside after three attempts"),
        verb="console.control_jobs",
        url_name="console:jobs",
        count=lambda _person: WorkItem.objects.filter(state=WorkItem.State.PARKED).count(),
        tone=Tone.BAD,
    ),
)


def what_waits_for(person: User) -> tuple[Waiting, ...]:
    """Return what waits for a person; nothing where nothing does. One query for each kind that the person may see."""
    found = []
    for source in SOURCES:
        if person.may(source.verb) and (count := source.count(person)):
            url = url_or_empty(source.url_name)
            url = f"{url}?{source.query}" if url and source.query else url
            found.append(Waiting(label=source.label, count=count, url=url, tone=source.tone))
    return tuple(found)


def live_jobs() -> tuple[Job, ...]:
    """Return the jobs that run, wait or are paused, the newest first, ten at most."""
    live = [Job.State.QUEUED, Job.State.RUNNING, Job.State.PAUSED]
    return tuple(Job.objects.filter(state__in=live).order_by("-id")[:10])
