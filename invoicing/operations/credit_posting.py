"""
Posting credit notes, one or many: they get their numbers, the books their entries and the subscribers the notes, in a
handful of statements.

Revenue goes back by bill item, tax by category, and the account owes less; a note that takes back a bill that gave
money turns the sides.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection
from django.db.models import Sum

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import transaction_required
from billing_site.documents.numbering import take_number_block
from billing_site.identity.models import User
from billing_site.ledger.models import LedgerAccount, PeriodLock
from billing_site.ledger.posting import NewEntry, open_accounts, post_entries
from invoicing.models import CreditNote, CreditNoteLine
from invoicing.operations.bill_run_posting import pairs_of, revenue_code, tax_code
from invoicing.operations.changed_debts import look_at_debts_again
from invoicing.operations.credit_deliveries import hand_out_credit_notes
from subscribers.models import Account
from tariffs.models import BillItem, TaxCategory

CREDIT_NOTE = "CREDIT_NOTE"


class CreditInClosedPeriod(BillingError):
    """The day of the note lies in an accounting period that is closed."""

    default_message = gettext_noop("The books are closed for %(day)s: a credit note is dated in an open period.")
    default_code = "CREDIT_IN_CLOSED_PERIOD"


@transaction_required
def post_credit_notes(
    *, notes: Sequence[CreditNote], issued_on: date, decided_by: User | None, at: datetime
) -> Sequence[CreditNote]:
    """
    Number notes that wait, in the order given, and post them to the books; the caller holds their bills locked.

    :param decided_by: who let them pass; nobody: the system
    :raises CreditInClosedPeriod: if the day of issue lies in a closed period
    """
    if PeriodLock.objects.filter(closed_through__gte=issued_on).exists():
        raise CreditInClosedPeriod(context={"day": issued_on})
    series = f"CRN-{issued_on:%Y}"
    block = take_number_block(series=series, prefix=f"{series}-", count=len(notes))
    for number, note in enumerate(notes, start=block.first):
        note.state, note.number = CreditNote.State.POSTED, block.text_of(number)
        note.issued_on, note.decided_by, note.decided_at = issued_on, decided_by, at
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE invoicing_creditnote c SET state = 'POSTED', number = n.number, issued_on = %s,"
            " decided_by_id = %s, decided_at = %s"
            " FROM unnest(%s::bigint[], %s::text[]) AS n (id, number) WHERE c.id = n.id",
            [
                issued_on,
                decided_by.pk if decided_by else None,
                at,
                [note.pk for note in notes],
                [note.number for note in notes],
            ],
        )
    post_entries(_entries(notes))
    hand_out_credit_notes(notes=notes, at=at)
    # After a whole run was taken back the dunning run of the night looks at its accounts.
    single = [note for note in notes if note.kind != CreditNote.Kind.UNDO]
    look_at_debts_again(causes={f"note/{note.pk}": note.account_id for note in single})
    return notes


def _entries(notes: Sequence[CreditNote]) -> list[NewEntry]:
    """Return an entry for every note that changes something."""
    ids = [note.pk for note in notes]
    lines = CreditNoteLine.objects.filter(credit_note_id__in=ids)
    items = {item.pk: revenue_code({"kind": item.kind, "code": item.code}) for item in BillItem.objects.all()}
    taxes = {category.pk: tax_code({"code": category.code}) for category in TaxCategory.objects.all()}
    sums: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for key, column, codes in (("bill_item_id", "net_minor", items), ("tax_category_id", "tax_minor", taxes)):
        for row in lines.values("credit_note_id", key).annotate(sum=Sum(column)).order_by("credit_note_id", key):
            sums[row["credit_note_id"]].append((codes[row[key]], row["sum"]))
    used = {code for parts in sums.values() for code, _amount in parts}
    accounts = _accounts_of_books(used & {*items.values()}, used & {*taxes.values()}, notes)
    receivables = dict(
        Account.objects.filter(pk__in=[note.account_id for note in notes]).values_list("pk", "ledger_account_id")
    )
    entries = []
    for note in notes:
        credited = [(accounts[code], amount) for code, amount in sums[note.pk]]
        pairs = pairs_of(receivable=receivables[note.account_id], credited=credited)
        if pairs:
            entries.append(
                NewEntry(
                    source_type=CREDIT_NOTE,
                    source_id=note.number or "",
                    posted_on=note.issued_on or date.min,
                    actor=str(note.decided_by or note.proposed_by or ""),
                    reason=note.note[:200],
                    pairs=pairs,
                    currency=note.currency,
                )
            )
    return entries


def _accounts_of_books(revenue: set[str], tax: set[str], notes: Sequence[CreditNote]) -> dict[str, int]:
    """Return the accounts of the books by code: those of bills, which are there, or made now."""
    currency = notes[0].currency if notes else ""
    found = open_accounts(codes=sorted(revenue), kind=LedgerAccount.Kind.REVENUE, currency=currency)
    return found | open_accounts(codes=sorted(tax), kind=LedgerAccount.Kind.TAX, currency=currency)
