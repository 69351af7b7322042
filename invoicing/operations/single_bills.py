"""A run of one account, in one transaction: calculated and posted by the same steps as any run."""

from datetime import date

from billing_site.core.errors import BillingError
from billing_site.core.periods import DatePeriod
from billing_site.db.transactions import transaction_required
from billing_site.identity.models import User
from invoicing.domain.payers import PayerRule
from invoicing.domain.run_rules import AccountRule
from invoicing.models import BillRun, FinalBill, ParkedAccount
from invoicing.operations.bill_run_drafts import calculate_accounts, scope_of, write_drafts
from invoicing.operations.bill_run_freezing import freeze_run
from invoicing.operations.bill_run_payers import settle_payers
from invoicing.operations.bill_run_planning import ranges_of, write_chunks
from invoicing.operations.bill_run_posting import post_chunk, prepare_posting
from invoicing.queries.account_inputs import read_payer_rules
from invoicing.queries.account_scopes import Scope
from invoicing.queries.bill_inputs import read_chunk
from invoicing.queries.reference import Reference
from invoicing.queries.words import reason_word
from subscribers.models import Account, BillCycle

ONE_PIECE = 1


class NotBillable(BillingError):
    """The account's data cannot be billed; whoever asked says so in his words."""

    default_code = "NOT_BILLABLE"

    def __init__(self, parked: ParkedAccount) -> None:
        """Keep what is wrong: a sentence or words, to be said in the reader's language."""
        self.detail = parked.why or reason_word(parked.reason)
        super().__init__("%(detail)s", context={"detail": self.detail})


@transaction_required
def lock_with_cycle(account_id: int) -> Account:
    """Lock an account, closed or not, and its cycle first: nobody rates into the periods while they are cut."""
    cycle_id = Account.objects.values_list("cycle_id", flat=True).get(pk=account_id)
    BillCycle.objects.select_for_update().get(pk=cycle_id)
    return Account.objects.select_for_update(of=("self",), no_key=True).select_related("cycle").get(pk=account_id)


@transaction_required
def write_single_run(
    *, account: Account, period: DatePeriod, on: date, due_on: date, actor: User, prices_from: date | None = None
) -> BillRun:
    """
    Write the run of one account's final or extra bill, with its one piece.

    :param prices_from: first day of which prices are needed; when left out, that of the period
    """
    run = freeze_run(
        cycle=account.cycle,
        period=period,
        kind=BillRun.Kind.FINAL,
        rule=AccountRule(accounts=(account.number,)),
        issued_on=on,
        due_on=due_on,
        prices_from=prices_from or period.start,
    )
    run.started_by = actor
    run.save()
    write_chunks(run, ranges_of([account.pk], size=ONE_PIECE))
    return run


@transaction_required
def calculate_single(
    *,
    run: BillRun,
    account_id: int,
    behind_from: date | None = None,
    usage_from: date | None = None,
    ended_on: date | None = None,
) -> int | None:
    """
    Write the draft of a run with one piece, and count it in both; return its id, or ``None`` if there is nothing.

    What another account pays of it waits for that one's next bill, and what others' bills have brought is on it: who
    pays is decided by the last day of the account's lines, or of the period (ADR 0035).

    :param behind_from: first day of periods before the run's that are charged too; left out: those not billed yet
    :param usage_from: first day of the first bill period whose usage is charged; left out: all that is not billed
    :param ended_on: first day without the account's lines; left out: that of its final bill, if it had one
    :raises NotBillable: if the account's data cannot be billed
    """
    reference = Reference(run.reference)
    scope = scope_of(run, first_id=account_id, last_id=account_id, behind_from=behind_from, usage_from=usage_from)
    inputs = read_chunk(scope=scope, reference=reference)
    chosen = Scope(chosen=frozenset({account_id}))
    result = calculate_accounts(run=run, inputs=inputs, reference=reference, scope=chosen, defers=False)
    rules = _rules_of(run, account_id, ended_on)
    settle_payers(run=run, result=result, rules=rules, reference=reference, inputs=inputs, is_single=True)
    if result.parked:
        raise NotBillable(result.parked[0])
    ids = write_drafts(run, inputs, result.drafts)
    bill = result.drafts[0].bill if result.drafts else None
    counted = {
        "account_count": 1,
        "billed_count": len(ids),
        "skipped_count": 1 - len(ids),
        "net_minor": bill.net_minor if bill else 0,
        "tax_minor": bill.tax_minor if bill else 0,
        "gross_minor": bill.gross_minor if bill else 0,
    }
    run.chunks.update(state="CALCULATED", skipped_reasons=dict(result.skipped), **counted)
    for name, value in counted.items():
        setattr(run, name, value)
    return ids[0] if ids else None


def _rules_of(run: BillRun, account_id: int, ended_on: date | None) -> list[PayerRule]:
    """Return who pays for the account; for whom it pays is on the bills of these."""
    if ended_on is None:
        final = FinalBill.objects.filter(account_id=account_id).values_list("ended_on", flat=True)
        ended_on = final.first() or run.period_until
    rules = read_payer_rules(
        cycle_id=run.cycle_id,
        first_account_id=account_id,
        last_account_id=account_id,
        until=min(ended_on, run.period_until),
    )
    return [rule for rule in rules if rule.account_id == account_id]


@transaction_required
def post_single(*, run: BillRun, actor: User | None) -> None:
    """Post the run by the steps of any run."""
    run.state = BillRun.State.CALCULATED
    run.save()
    prepare_posting(run)
    run.state, run.posted_by = BillRun.State.POSTING, actor
    run.save()
    post_chunk(chunk_id=run.chunks.get().pk)
    run.refresh_from_db()
