"""What agreements and contracts bring to the bills of a chunk: promotions, bonuses, fees for leaving early."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from billing_site.core.periods import DatePeriod
from billing_site.db.sql import fetch_sql
from invoicing.domain.bill_items import ContractCharge, LineKind, Promotion, Reason
from invoicing.queries.reference import ContractTerms, Reference
from tariffs.domain.contract_terms import bonus_day, compute_leaving_fee

ONE_DAY = timedelta(days=1)


class ContractRow(NamedTuple):
    """A contract; ``left_on`` is the first day without the line or with another plan, ``billed`` what was charged."""

    account_id: int
    contract_id: int
    subscription_id: int
    term_id: int
    number: str
    agreed_on: date
    started_on: date
    ends_on: date
    left_on: date | None
    billed: Sequence[str]


def read_promotions(*, parameters: Mapping[str, Any], reference: Reference) -> Mapping[int, Sequence[Promotion]]:
    """Return the promotions agreed for the accounts of a chunk, by account, in the order of agreements."""
    found: dict[int, list[Promotion]] = defaultdict(list)
    rows = fetch_sql("invoicing", "read_promotions", parameters)
    for account, agreement, subscription, promotion, number, agreed_on, start, until in rows:
        terms = reference.promotions[promotion]
        found[account].append(
            Promotion(
                agreement,
                terms.kind,
                subscription,
                DatePeriod(start, until),
                terms.credited_item_ids,
                terms.rent_item_ids,
                terms.rate_ppm,
                terms.amount_micro,
                terms.position,
                {"promotion": promotion, "agreement": number, "agreed_on": agreed_on.isoformat()},
            )
        )
    return found


def read_contract_charges(
    *, parameters: Mapping[str, Any], reference: Reference
) -> Mapping[int, Sequence[ContractCharge]]:
    """
    Return what contracts of a chunk's accounts bring by the end of the period and no living invoice has billed.

    A bonus comes with the period of its day, a fee with the period in which the line was left; what an earlier run
    set aside comes with the next.
    """
    found: dict[int, list[ContractCharge]] = defaultdict(list)
    for row in map(ContractRow._make, fetch_sql("invoicing", "read_contracts", parameters)):
        terms = reference.terms[row.term_id]
        for charge in (_bonus(row, terms, reference, parameters["until"]), _fee(row, terms, reference)):
            if charge is not None:
                found[row.account_id].append(charge)
    return found


def _bonus(row: ContractRow, terms: ContractTerms, reference: Reference, until: date) -> ContractCharge | None:
    """Return the bonus, if its day has come while the contract was kept."""
    due_on = bonus_day(started_on=row.started_on, after_months=terms.bonus_after_months)
    is_due = due_on < until and (row.left_on is None or due_on <= row.left_on)
    item = terms.bonus_item_id
    if item is None or not terms.bonus_micro or not is_due or LineKind.BONUS in row.billed:
        return None
    reason = {**_reason(row, terms), "due_on": due_on.isoformat(), "amount_micro": terms.bonus_micro}
    return ContractCharge(
        LineKind.BONUS,
        row.contract_id,
        row.subscription_id,
        item,
        reference.tax_category_of[item],
        terms.bonus_micro,
        1,
        due_on,
        reason,
    )


def _fee(row: ContractRow, terms: ContractTerms, reference: Reference) -> ContractCharge | None:
    """Return the fee of who left before the end."""
    item = terms.leave_item_id
    if item is None or row.left_on is None or LineKind.LEAVING_FEE in row.billed:
        return None
    fee = compute_leaving_fee(
        policy=terms.policy,
        amount_micro=terms.leave_micro,
        started_on=row.started_on,
        months=terms.months,
        left_on=row.left_on,
    )
    if not fee.numerator_micro:
        return None
    reason = {
        **_reason(row, terms),
        "left_on": row.left_on.isoformat(),
        "months_left": fee.months_left,
        "policy": terms.policy.value,
        "amount_micro": terms.leave_micro,
    }
    return ContractCharge(
        LineKind.LEAVING_FEE,
        row.contract_id,
        row.subscription_id,
        item,
        reference.tax_category_of[item],
        fee.numerator_micro,
        fee.denominator,
        max(row.started_on, row.left_on - ONE_DAY),
        reason,
    )


def _reason(row: ContractRow, terms: ContractTerms) -> Reason:
    return {
        "term": row.term_id,
        "contract": row.number,
        "agreed_on": row.agreed_on.isoformat(),
        "started_on": row.started_on.isoformat(),
        "ends_on": row.ends_on.isoformat(),
        "months": terms.months,
    }
