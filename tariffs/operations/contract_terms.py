"""Contract terms of plans: drafted by one person, approved by another, then contracts are made on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from tariffs.domain.contract_terms import LeavePolicy
from tariffs.models import BillItem, ContractTerm, Plan
from tariffs.operations.amounts import check_amount
from tariffs.operations.codes import check_code_free, rows_by_code

LONGEST_MONTHS = 120


class ContractTermUnsound(BillingError):
    """A bonus without an item, a fee without a policy, no month at all."""

    default_message = gettext_noop(
        "The contract term does not hold together: 1 to 120 months, a bonus within them, and a bill item for the bonus"
        " and for the fee where there is one."
    )
    default_code = "CONTRACT_TERM_UNSOUND"


class ContractTermAlreadyApproved(BillingError):
    """It was approved before."""

    default_message = gettext_noop("Contract term %(term)s is approved already.")
    default_code = "CONTRACT_TERM_ALREADY_APPROVED"


class ContractTermMadeBySamePerson(BillingError):
    """The maker does not approve."""

    default_message = gettext_noop("You made contract term %(term)s: another person approves it.")
    default_code = "CONTRACT_TERM_MADE_BY_SAME_PERSON"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBonus:
    """What a contract gives once: an amount before tax on an item of the bill, so many months after its first day."""

    amount: Decimal
    bill_item_code: str
    after_months: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLeavingFee:
    """What leaving early costs: a policy of ``LeavePolicy`` and its amount before tax, on an item of the bill."""

    policy: str
    amount: Decimal
    bill_item_code: str


@durable
def draft_contract_term(
    *,
    code: str,
    plan_code: str,
    names: Mapping[str, str],
    months: int,
    actor: User | None,
    bonus: NewBonus | None = None,
    leaving_fee: NewLeavingFee | None = None,
) -> ContractTerm:
    """
    Draft a contract term of a plan; contracts can be made on it once another person has approved it.

    :raises CodeTaken: if a term has the code
    :raises UnknownCode: if the plan or a bill item does not exist
    :raises AmountTooPrecise: for more than six decimals; ``AmountOutOfRange`` for a negative or huge amount
    :raises ContractTermUnsound: if months, bonus and fee do not hold together
    """
    check_code_free(ContractTerm.objects.all(), code)
    plan = rows_by_code(Plan.objects.all(), [plan_code])[plan_code]
    parts = [part for part in (bonus, leaving_fee) if part is not None]
    items = rows_by_code(BillItem.objects.all(), [part.bill_item_code for part in parts])
    for part in parts:
        if not check_amount(part.amount, name=code):
            raise ContractTermUnsound
    _check(months, bonus, leaving_fee)
    term = ContractTerm(code=code, plan=plan, names=dict(names), months=months, created_by=actor)
    if bonus is not None:
        term.bonus_amount, term.bonus_after_months = bonus.amount, bonus.after_months
        term.bonus_item = items[bonus.bill_item_code]
    if leaving_fee is not None:
        term.leave_policy, term.leave_amount = leaving_fee.policy, leaving_fee.amount
        term.leave_item = items[leaving_fee.bill_item_code]
    term.save()
    record("tariffs.draft_contract_term", actor=actor, subject=term, changes={"code": code, "months": months})
    return term


@durable
def approve_contract_term(*, term_id: int, approved_at: datetime, actor: User) -> ContractTerm:
    """
    Approve a draft: from then on contracts may be made on it, and it stays as it is.

    :raises ContractTermAlreadyApproved: if it is no draft
    :raises ContractTermMadeBySamePerson: if ``actor`` made it
    """
    term = ContractTerm.objects.select_for_update(of=("self",)).get(pk=term_id)
    named = {"term": term.code}
    if not term.is_draft:
        raise ContractTermAlreadyApproved(context=named)
    if term.created_by_id == actor.pk:
        raise ContractTermMadeBySamePerson(context=named)
    term.state = ContractTerm.State.APPROVED
    term.approved_by = actor
    term.approved_at = approved_at
    with constraint_errors({"tariffs_contractterm_second_person": lambda: ContractTermMadeBySamePerson(context=named)}):
        term.save(update_fields=["state", "approved_by", "approved_at"])
    record("tariffs.approve_contract_term", actor=actor, subject=term, changes={"code": term.code})
    return term


def _check(months: int, bonus: NewBonus | None, leaving_fee: NewLeavingFee | None) -> None:
    is_sound = 1 <= months <= LONGEST_MONTHS and (bonus is None or 0 <= bonus.after_months <= months)
    if leaving_fee is not None:
        is_sound = is_sound and leaving_fee.policy in {*LeavePolicy} - {LeavePolicy.NOTHING}
    if not is_sound:
        raise ContractTermUnsound
