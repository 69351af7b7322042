"""
Batches of direct debits: put together by one person, released by another, fetched for the bank.

A release looks once more at what is open: what was paid, disputed or revoked since is left out. From then on the batch
has a number, and one file for ever; the file is not kept but written anew each time, and proved by its fingerprint.

A bill says by which day it is debited. Where a batch comes later, its release tells the subscriber the new day.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings

from billing_site.audit.recording import record
from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits
from billing_site.db.transactions import durable, transaction_required
from billing_site.documents.numbering import take_numbers
from billing_site.identity.models import User
from payments.domain.debit_orders import Creditor, DebitOrder, build_debit_file, end_to_end_id
from payments.domain.direct_debits import OpenBill, Part, choose_parts
from payments.models import DebitBatch, DebitCreditor, DebitItem, DebitItemBill, DebitMandate
from payments.queries.direct_debits import bank_accounts_of, coming_unneeded, open_bills_of, tries_of
from payments.queries.late_debits import LateDebit, late_debits
from subscribers.models import Account
from subscribers.operations.notices import NewNotice, write_notices

# A file that banks still take; what is left over goes into the next batch.
MOST_ITEMS = 10_000
MANDATES_AT_A_TIME = 2000
LATE_PREFIX = "payments.late_debit/"
LATE_SUBJECT = gettext_noop("Your bank account is debited later than your bill says")
LATE_DEBIT = gettext_noop(
    "Your bill says that your bank account is debited by %(promised_on)s. The direct debit of %(amount_minor)s for"
    " account %(account)s comes on %(collect_on)s instead. You need do nothing."
)


class NothingToCollect(BillingError):
    """No account with a mandate owes anything that may be collected."""

    default_message = gettext_noop("Nothing is open that could be collected. Nothing was proposed or released.")
    default_code = "NOTHING_TO_COLLECT"


class CollectionTooSoon(BillingError):
    """The bank would get the file too late."""

    default_message = gettext_noop("The bank collects on %(first)s at the earliest. Choose that day or a later one.")
    default_code = "COLLECTION_TOO_SOON"


class DebitBatchDecided(BillingError):
    """It was released or cancelled before."""

    default_message = gettext_noop("The batch is released or cancelled already.")
    default_code = "DEBIT_BATCH_DECIDED"


class DebitProposedBySamePerson(BillingError):
    """Who proposes does not release."""

    default_message = gettext_noop("You proposed this batch: another person releases it.")
    default_code = "DEBIT_PROPOSED_BY_SAME_PERSON"


class DebitNotReleased(BillingError):
    """There is no file yet."""

    default_message = gettext_noop("The batch is not released: there is no file for the bank.")
    default_code = "DEBIT_NOT_RELEASED"


class DebitFileDiffers(BillingError):
    """What is written now is not what was released."""

    default_message = gettext_noop(
        "The file of batch %(number)s cannot be written as it was released. Do not send it; tell the administrator."
    )
    default_code = "DEBIT_FILE_DIFFERS"


@durable
def propose_debit_batch(*, creditor_id: int, due_by: date, collect_on: date, at: datetime, actor: User) -> DebitBatch:
    """
    Put together what accounts with a mandate owe of bills due by a day; see ``payments.domain.direct_debits``.

    :param collect_on: the day on which the bank collects
    :raises CollectionTooSoon: if the bank needs more days than that
    :raises NothingToCollect: if there is nothing
    """
    # Held: two proposals at once would take the same bills.
    creditor = DebitCreditor.objects.select_for_update(of=("self",), no_key=True).get(pk=creditor_id)
    _refuse_too_soon(creditor, collect_on, at)
    batch = DebitBatch.objects.create(
        creditor=creditor,
        due_by=due_by,
        collect_on=collect_on,
        currency=creditor.currency,
        proposed_by=actor,
        proposed_at=at,
    )
    items: list[DebitItem] = []
    parts: list[tuple[Part, ...]] = []
    for mandate, found in _collectable(creditor, due_by=due_by, collect_on=collect_on):
        items.append(_item(batch, mandate, found, n=len(items) + 1))
        parts.append(found)
        if len(items) == MOST_ITEMS:
            break
    if not items:
        raise NothingToCollect
    DebitItem.objects.bulk_create(items, batch_size=1000)
    DebitItemBill.objects.bulk_create(
        [_bill(item, part) for item, of_one in zip(items, parts, strict=True) for part in of_one], batch_size=1000
    )
    _count(batch, items)
    batch.save(update_fields=["item_count", "amount_minor"])
    changes = {"collect_on": collect_on.isoformat(), "items": len(items), "amount_minor": str(batch.amount_minor)}
    record("payments.propose_debit_batch", actor=actor, subject=batch, changes=changes)
    return batch


@durable
def release_debit_batch(*, batch_id: int, at: datetime, actor: User) -> DebitBatch:
    """
    Let a batch go to the bank: number it, freeze its file, and tell whose bills named an earlier day.

    :raises DebitBatchDecided: if it was released or cancelled before
    :raises DebitProposedBySamePerson: if ``actor`` put it together
    :raises CollectionTooSoon: if the day of collection is too near by now
    :raises NothingToCollect: if everything in it was paid meanwhile
    :raises DebitFileUnsound: if the file does not keep to the bank's schema
    """
    batch = _lock_proposal(batch_id)
    if batch.proposed_by_id == actor.pk:
        raise DebitProposedBySamePerson
    _refuse_too_soon(batch.creditor, batch.collect_on, at)
    items = _leave_out_what_is_settled(batch)
    if not items:
        raise NothingToCollect
    _count(batch, items)
    year = at.astimezone(operator_zone()).year
    batch.number = take_numbers(series=f"DEBIT-{year}", prefix=f"DD-{year}-", count=1)[0]
    batch.frozen = _freeze(batch.creditor, at)
    batch.file_sha256 = hashlib.sha256(_write_file(batch)).hexdigest()
    batch.state, batch.decided_by, batch.decided_at = DebitBatch.State.RELEASED, actor, at
    batch.save()
    DebitMandate.objects.filter(pk__in=[item.mandate_id for item in items], sequence="FRST").update(sequence="RCUR")
    late = late_debits(batch.pk)
    write_notices(notices=[_late_notice(one) for one in late], at=at)
    changes = {"number": batch.number, "items": len(items), "amount_minor": str(batch.amount_minor), "late": len(late)}
    record("payments.release_debit_batch", actor=actor, subject=batch, changes=changes)
    return batch


@durable
def cancel_debit_batch(*, batch_id: int, at: datetime, actor: User) -> DebitBatch:
    """
    Give up a batch that was not released; its bills may be collected by another one.

    :raises DebitBatchDecided: if it was released or cancelled before
    """
    batch = _lock_proposal(batch_id)
    batch.state, batch.decided_by, batch.decided_at = DebitBatch.State.CANCELLED, actor, at
    batch.save(update_fields=["state", "decided_by", "decided_at"])
    record("payments.cancel_debit_batch", actor=actor, subject=batch)
    return batch


@durable
def fetch_debit_file(*, batch_id: int, at: datetime, actor: User) -> tuple[str, bytes]:
    """
    Return name and bytes of a batch's file, the same ones each time, and note that it was fetched.

    :raises DebitNotReleased: if there is none yet
    :raises DebitFileDiffers: if it would not be what was released
    """
    batch = DebitBatch.objects.select_for_update(of=("self",), no_key=True).get(pk=batch_id)
    if batch.number is None:
        raise DebitNotReleased
    content = _write_file(batch)
    if hashlib.sha256(content).hexdigest() != batch.file_sha256:
        raise DebitFileDiffers(context={"number": batch.number})
    if batch.downloaded_at is None:
        batch.downloaded_at = at
        batch.save(update_fields=["downloaded_at"])
    record("payments.fetch_debit_file", actor=actor, subject=batch, changes={"number": batch.number})
    return f"{batch.number}.xml", content


def _refuse_too_soon(creditor: DebitCreditor, collect_on: date, at: datetime) -> None:
    first = at.astimezone(operator_zone()).date() + timedelta(days=creditor.lead_days)
    if collect_on < first:
        raise CollectionTooSoon(context={"first": first})


def _collectable(
    creditor: DebitCreditor, *, due_by: date, collect_on: date
) -> Iterator[tuple[DebitMandate, tuple[Part, ...]]]:
    """Give the mandates with something to collect, in the order of their accounts."""
    holding = DebitMandate.objects.filter(
        creditor=creditor, state=DebitMandate.State.ACTIVE, account__state=Account.State.ACTIVE
    ).select_related("account")
    after = 0
    while block := list(holding.filter(account__gt=after).order_by("account_id")[:MANDATES_AT_A_TIME]):
        after = block[-1].account_id
        accounts = [mandate.account_id for mandate in block]
        bills = open_bills_of(accounts, due_by=due_by)
        coming = coming_unneeded(bills, accounts, on=collect_on)
        tries = tries_of([bill.invoice_id for of_one in bills.values() for bill in of_one])
        for mandate in block:
            open_bills = bills.get(mandate.account_id, [])
            parts = choose_parts(
                open_bills,
                tries=tries,
                due_by=due_by,
                collect_on=collect_on,
                coming_minor=coming.get(mandate.account_id, 0),
            )
            if parts:
                yield mandate, parts


def _item(batch: DebitBatch, mandate: DebitMandate, parts: tuple[Part, ...], *, n: int) -> DebitItem:
    return DebitItem(
        batch=batch,
        n=n,
        account_id=mandate.account_id,
        mandate=mandate,
        amount_minor=sum(part.amount_minor for part in parts),
        sequence=mandate.sequence,
        holder_name=mandate.holder_name,
        attempt=max(part.attempt for part in parts),
    )


def _bill(item: DebitItem, part: Part) -> DebitItemBill:
    return DebitItemBill(item=item, invoice_id=part.invoice_id, amount_minor=part.amount_minor, attempt=part.attempt)


def _lock_proposal(batch_id: int) -> DebitBatch:
    batch = DebitBatch.objects.select_for_update(of=("self",), no_key=True).select_related("creditor").get(pk=batch_id)
    if batch.state != DebitBatch.State.PROPOSED:
        raise DebitBatchDecided
    return batch


@transaction_required
def _leave_out_what_is_settled(batch: DebitBatch) -> list[DebitItem]:
    """Lower or drop orders whose bills are paid or disputed by now, or whose mandate has ended; return the rest."""
    items = list(batch.items.select_related("mandate").order_by("n"))
    accounts = [item.account_id for item in items]
    bills = open_bills_of(accounts, due_by=batch.due_by)
    parts: dict[int, list[DebitItemBill]] = {item.pk: [] for item in items}
    for part in DebitItemBill.objects.filter(item__batch=batch).order_by("pk"):
        parts[part.item_id].append(part)
    most = _most_by_account(batch, bills, named={part.invoice_id for of_one in parts.values() for part in of_one})
    gone: list[DebitItem] = []
    kept: list[DebitItem] = []
    for item in items:
        left = {bill.invoice_id: bill.collectable_minor for bill in bills.get(item.account_id, ())}
        is_active = item.mandate.state == DebitMandate.State.ACTIVE
        most_minor = most.get(item.account_id, 0) if is_active else 0
        item.amount_minor = _lower(parts[item.pk], left, most_minor=most_minor)
        (kept if item.amount_minor else gone).append(item)
    _write_lowered(kept, [part for item in kept for part in parts[item.pk]])
    DebitItemBill.objects.filter(item__in=gone).delete()
    DebitItem.objects.filter(pk__in=[item.pk for item in gone]).delete()
    return kept


def _most_by_account(
    batch: DebitBatch, bills: Mapping[int, Sequence[OpenBill]], *, named: Collection[int]
) -> dict[int, int]:
    """
    Return what may be collected of accounts now, in minor units: what is open of the bills that the batch names, and of
    those that it left out because money was on its way for them, less that money.
    """
    coming = coming_unneeded(bills, list(bills), on=batch.collect_on, but_not_batch=batch.pk)
    tries = tries_of([bill.invoice_id for of_one in bills.values() for bill in of_one])
    found = {}
    for account_id, of_one in bills.items():
        asked = [bill for bill in of_one if bill.invoice_id in named or bill.invoice_id not in tries]
        due_minor = sum(bill.collectable_minor for bill in asked if bill.due_on <= batch.due_by)
        found[account_id] = max(0, due_minor - coming.get(account_id, 0))
    return found


def _write_lowered(items: Sequence[DebitItem], parts: Sequence[DebitItemBill]) -> None:
    """Write the amounts of orders and of their parts as sets; parts with nothing left go."""
    DebitItemBill.objects.bulk_update([part for part in parts if part.amount_minor], ["amount_minor"], batch_size=1000)
    DebitItemBill.objects.filter(pk__in=[part.pk for part in parts if not part.amount_minor]).delete()
    DebitItem.objects.bulk_update(items, ["amount_minor"], batch_size=1000)


def _lower(parts: list[DebitItemBill], left: Mapping[int, int], *, most_minor: int) -> int:
    """
    Bring the parts of an order to what is left of their bills; return what they come to.

    :param most_minor: what they may come to; the first ones are lowered first
    """
    for part in parts:
        part.amount_minor = min(part.amount_minor, left.get(part.invoice_id, 0))
    too_much = max(0, sum(part.amount_minor for part in parts) - most_minor)
    for part in parts:
        spared_minor = min(too_much, part.amount_minor)
        part.amount_minor -= spared_minor
        too_much -= spared_minor
    return sum(part.amount_minor for part in parts)


def _count(batch: DebitBatch, items: list[DebitItem]) -> None:
    batch.item_count, batch.amount_minor = len(items), sum(item.amount_minor for item in items)


def _late_notice(late: LateDebit) -> NewNotice:
    return NewNotice(
        key=f"{LATE_PREFIX}{late.item_id}",
        account_id=late.account_id,
        subject=LATE_SUBJECT,
        msgid=LATE_DEBIT,
        params={
            "promised_on": late.promised_on.isoformat(),
            "amount_minor": late.amount_minor,
            "account": late.account_number,
            "collect_on": late.collect_on.isoformat(),
        },
    )


def _freeze(creditor: DebitCreditor, at: datetime) -> dict[str, Any]:
    return {
        "created_at": at.astimezone(operator_zone()).replace(tzinfo=None, microsecond=0).isoformat(),
        "purpose": settings.SALDO_OPERATOR_NAME,
        "name": creditor.name,
        "creditor_id": creditor.creditor_id,
        "iban": creditor.iban,
        "bic": creditor.bic,
        "version": creditor.file_version,
    }


def _write_file(batch: DebitBatch) -> bytes:
    """Write the file of a batch from its frozen rows."""
    frozen, number = batch.frozen, batch.number or ""
    accounts = bank_accounts_of(batch.pk)
    orders = [
        DebitOrder(
            end_to_end_id=end_to_end_id(batch_number=number, n=item.n),
            holder_name=item.holder_name,
            iban=accounts[item.pk],
            bic=item.mandate.bic,
            mandate_reference=item.mandate.reference,
            signed_on=item.mandate.signed_on,
            sequence=item.sequence,
            amount_minor=item.amount_minor,
            purpose=f"{frozen['purpose']} {item.account.number}",
        )
        for item in batch.items.select_related("mandate", "account").order_by("n")
    ]
    creditor = Creditor(
        name=frozen["name"],
        creditor_id=frozen["creditor_id"],
        iban=frozen["iban"],
        bic=frozen["bic"],
        currency=batch.currency,
        digits=currency_digits(batch.currency),
        version=frozen["version"],
    )
    created_at = datetime.fromisoformat(frozen["created_at"])
    return build_debit_file(
        number=number, created_at=created_at, collect_on=batch.collect_on, creditor=creditor, orders=orders
    )
