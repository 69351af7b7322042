"""
Fees of dunning: for a step taken late, and for making lines free again; both on the account's next bill.

What a published policy charges needs no second person: two have agreed to the policy. A fee of which the subscriber was
never told is taken back with the notice that never reached him.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db.models import QuerySet

from billing_site.core.messages import gettext_noop
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.db.transactions import transaction_required
from invoicing.models import Invoice, OneOffCharge
from invoicing.operations.one_off_charges import NewCharge, withdraw_unbilled, write_charges_by_rule
from payments.domain.dunning_texts import FEE_PREFIX, FEE_TEXTS, LATE, NOTICE_PREFIX, RECONNECTION
from payments.models import DunningAct, DunningCase, DunningFee, DunningPolicy
from payments.queries.dunning_policies import policies_on
from subscribers.models import Account, Notice
from subscribers.operations.notices import NewNotice, withdraw_notices, write_notices

BILL_TAKEN_BACK = gettext_noop("The bill that was not paid was taken back.")
NEVER_TOLD = gettext_noop("The debt was paid before the subscriber was reminded.")


@transaction_required
def charge_late_fees(acts: Sequence[DunningAct], *, on: date, at: datetime) -> None:
    """Charge the fees of steps that were just taken; ``acts`` come with their account and step."""
    charged = [act for act in acts if act.step.late_fee_minor and act.account.state == Account.State.ACTIVE]
    if not charged:
        return
    policies = {act.step.policy_id: act.step.policy for act in charged}
    fees = [(act.case, act, act.step.late_fee_minor, policies[act.step.policy_id]) for act in charged]
    _charge(fees, fee_code=LATE, kind=OneOffCharge.Kind.PENALTY, on=on, at=at)


@transaction_required
def charge_reconnections(cases: Sequence[DunningCase], *, on: date, at: datetime) -> None:
    """Charge the fee for lines that are free again; ``cases`` are those whose debt was paid, each once."""
    known = set(DunningFee.objects.filter(case__in=cases, act__isnull=True).values_list("case_id", flat=True))
    policies = policies_on(on)
    fees = []
    for case in DunningCase.objects.filter(pk__in=[case.pk for case in cases]).select_related("account"):
        account = case.account
        live = policies.policy_for(category=account.category, currency=account.currency)
        is_charged = live is not None and live.policy.reconnection_fee_minor and account.state == Account.State.ACTIVE
        if is_charged and case.pk not in known:
            assert live is not None
            fees.append((case, None, live.policy.reconnection_fee_minor, live.policy))
    if fees:
        _charge(fees, fee_code=RECONNECTION, kind=OneOffCharge.Kind.CONNECTION, on=on, at=at)


@transaction_required
def take_untold_fees_back(act_ids: Collection[int], *, at: datetime) -> None:
    """Take back the fees of steps whose notice was withdrawn before it reached anybody."""
    keys = {f"{NOTICE_PREFIX}{pk}": pk for pk in act_ids}
    untold = Notice.objects.filter(key__in=keys, state=Notice.State.WITHDRAWN).values_list("key", flat=True)
    _take_back(DunningFee.objects.filter(act_id__in=[keys[key] for key in untold]), reason=NEVER_TOLD, at=at)


@transaction_required
def take_wrong_fees_back(cases: Collection[DunningCase], *, at: datetime) -> None:
    """Take back the fees of debts whose bill was taken back, as far as no bill has charged them."""
    _take_back(DunningFee.objects.filter(case__in=cases), reason=BILL_TAKEN_BACK, at=at)


def _take_back(fees: QuerySet[DunningFee], *, reason: str, at: datetime) -> None:
    taken_back = withdraw_unbilled(charge_ids=list(fees.values_list("charge_id", flat=True)), reason=reason)
    withdraw_notices(keys=[f"{FEE_PREFIX}{pk}" for pk in taken_back], at=at)


def _charge(
    fees: Sequence[tuple[DunningCase, DunningAct | None, int, DunningPolicy]],
    *,
    fee_code: str,
    kind: str,
    on: date,
    at: datetime,
) -> None:
    """Write the charges, what they are for, and what the subscribers are told of them; accounts come with the fees."""
    text = FEE_TEXTS[fee_code]
    bills = dict(Invoice.objects.filter(pk__in=[fee[0].invoice_id for fee in fees]).values_list("pk", "number"))
    charges = write_charges_by_rule(
        charges=[
            NewCharge(
                account_id=case.account_id,
                subscription_id=None,
                bill_item_id=policy.fee_item_id or 0,
                kind=kind,
                price=minor_to_decimal(minor, digits=currency_digits(policy.currency)),
                quantity=1,
                charged_on=on,
                note=bills[case.invoice_id] or "",
            )
            for case, _act, minor, policy in fees
        ]
    )
    DunningFee.objects.bulk_create(
        DunningFee(case=case, act=act, charge=charge)
        for (case, act, _minor, _policy), charge in zip(fees, charges, strict=True)
    )
    notices = [
        NewNotice(
            key=f"{FEE_PREFIX}{charge.pk}",
            account_id=case.account_id,
            subject=text.subject,
            msgid=text.msgid,
            params={
                "account": (act if act is not None else case).account.number,
                "invoice": charge.note,
                "fee_minor": minor,
            },
            channel=act.step.channel if act is not None else "",
            is_letter=True,
            letter=f"{FEE_PREFIX}{fee_code}",
        )
        for (case, act, minor, _policy), charge in zip(fees, charges, strict=True)
    ]
    write_notices(notices=notices, at=at)
