"""What is agreed with a subscriber besides the plan: promotions for a line or an account, contracts of a line."""

from datetime import date

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.ranges import date_period, days_from
from billing_site.db.transactions import durable
from billing_site.documents.numbering import take_numbers
from billing_site.identity.models import User
from subscribers.domain.lifecycle import is_in_service
from subscribers.models import Contract, PromotionAgreement, Subscription
from subscribers.operations.accounts import lock_open_account
from subscribers.operations.subscriptions import LineNotActiveThen, PeriodAlreadyBilled
from tariffs.domain.contract_terms import contract_period
from tariffs.domain.promotions import promotion_period
from tariffs.models import ContractTerm, Promotion

NUMBER_DIGITS = 6


class PromotionNotOffered(BillingError):
    """A draft, or a promotion that is not offered on the day."""

    default_message = gettext_noop("Promotion %(promotion)s is not approved or not offered on %(day)s.")
    default_code = "PROMOTION_NOT_OFFERED"


class PromotionOfAKindHeld(BillingError):
    """Two promotions of a kind would count for one line."""

    default_message = gettext_noop(
        "A promotion of this kind is agreed already on some of these days: only one of a kind counts for a line."
    )
    default_code = "PROMOTION_OF_A_KIND_HELD"


class LineOfAnotherAccount(BillingError):
    """The line is not one of the account."""

    default_message = gettext_noop("The line is not one of account %(account)s.")
    default_code = "LINE_OF_ANOTHER_ACCOUNT"


class AgreementNotHeld(BillingError):
    """There is nothing to end."""

    default_message = gettext_noop("Agreement %(number)s does not hold on %(day)s.")
    default_code = "AGREEMENT_NOT_HELD"


class ContractTermNotOffered(BillingError):
    """A draft."""

    default_message = gettext_noop("Contract term %(term)s is not approved: no contract can be made on it.")
    default_code = "CONTRACT_TERM_NOT_OFFERED"


class ContractNeedsPlan(BillingError):
    """The line has another plan on the first day."""

    default_message = gettext_noop("Contract term %(term)s is one of plan %(plan)s, which the line lacks on %(day)s.")
    default_code = "CONTRACT_NEEDS_PLAN"


class ContractHeld(BillingError):
    """The line has a contract."""

    default_message = gettext_noop("The line has a contract on some of these days already.")
    default_code = "CONTRACT_HELD"


@durable
def agree_promotion(
    *,
    account_id: int,
    promotion_id: int,
    from_on: date,
    agreed_on: date,
    actor: User | None,
    subscription_id: int | None = None,
    until_on: date | None = None,
) -> PromotionAgreement:
    """
    Agree a promotion for a line, or for every line of an account, from a day on; it gets its number.

    :param until_on: first day without it, where it is agreed for a shorter time than the promotion's own
    :raises AccountIsClosed: if nothing more is sold to the account
    :raises LineOfAnotherAccount: if the line is not one of it
    :raises PeriodAlreadyBilled: if the first day lies in a period that is billed
    :raises PromotionNotOffered: if it is a draft or not offered on the day of the agreement
    :raises PromotionOfAKindHeld: if one of the same kind counts for the line on one of the days, or no day is left
    """
    account = lock_open_account(account_id)
    if subscription_id is not None and not Subscription.objects.filter(pk=subscription_id, account=account).exists():
        raise LineOfAnotherAccount(context={"account": account.number})
    if from_on < account.cycle.open_from:
        raise PeriodAlreadyBilled(context={"day": from_on, "open": account.cycle.open_from})
    promotion = Promotion.objects.get(pk=promotion_id)
    offered = Promotion.objects.filter(pk=promotion_id, during__contains=agreed_on).exists()
    if promotion.is_draft or not offered or (until_on is not None and until_on <= from_on):
        raise PromotionNotOffered(context={"promotion": promotion.code, "day": agreed_on})
    period = promotion_period(from_on=from_on, months=promotion.months, until_on=until_on)
    (number,) = take_numbers(series="PROMOTION", prefix="P-", count=1, digits=NUMBER_DIGITS)
    with constraint_errors({"subscribers_promotionagreement_one_of_a_kind": PromotionOfAKindHeld}):
        agreement = PromotionAgreement.objects.create(
            account=account,
            subscription_id=subscription_id,
            promotion=promotion,
            kind=promotion.kind,
            number=number,
            agreed_on=agreed_on,
            during=days_from(period.start, period.until),
        )
    changes = {"promotion": promotion.code, "number": number, "from": from_on.isoformat()}
    record("subscribers.agree_promotion", actor=actor, subject=agreement, changes=changes)
    return agreement


@durable
def end_promotion(*, agreement_id: int, until_on: date, actor: User | None) -> PromotionAgreement:
    """
    End the agreement of a promotion: ``until_on`` is the first day without it.

    :raises AgreementNotHeld: if it does not hold on the day before
    :raises PeriodAlreadyBilled: if the day lies in a period that is billed
    """
    agreements = PromotionAgreement.objects.select_related("account__cycle").select_for_update(of=("self",))
    agreement = agreements.get(pk=agreement_id)
    open_from = agreement.account.cycle.open_from
    if until_on < open_from:
        raise PeriodAlreadyBilled(context={"day": until_on, "open": open_from})
    during = date_period(agreement.during)
    if until_on <= during.start or (during.until is not None and during.until <= until_on):
        raise AgreementNotHeld(context={"number": agreement.number, "day": until_on})
    agreement.during = days_from(during.start, until_on)
    agreement.save(update_fields=["during"])
    changes = {"number": agreement.number, "until": until_on.isoformat()}
    record("subscribers.end_promotion", actor=actor, subject=agreement, changes=changes)
    return agreement


@durable
def begin_contract(
    *, subscription_id: int, term_id: int, started_on: date, agreed_on: date, actor: User | None
) -> Contract:
    """
    Make a contract for a line; bill runs find by themselves what it brings: the bonus, and the fee of who leaves early.

    To end the line or to give it another plan before the end is to leave.

    :raises AccountIsClosed: if nothing more is sold to the account
    :raises LineNotActiveThen: if the line is not in service on the first day
    :raises PeriodAlreadyBilled: if the first day lies in a period that is billed
    :raises ContractTermNotOffered: if the term is a draft
    :raises ContractNeedsPlan: if the line has not the plan of the term on the first day
    :raises ContractHeld: if the line has a contract on one of the days
    """
    account = lock_open_account(Subscription.objects.values_list("account_id", flat=True).get(pk=subscription_id))
    line = Subscription.objects.select_for_update(of=("self",), no_key=True).get(pk=subscription_id)
    if not is_in_service(line.state) or line.active_from is None or started_on < line.active_from:
        context = {"state": line.state, "first": line.active_until or line.active_from or "", "day": started_on}
        raise LineNotActiveThen(context=context)
    if started_on < account.cycle.open_from:
        raise PeriodAlreadyBilled(context={"day": started_on, "open": account.cycle.open_from})
    term = ContractTerm.objects.select_related("plan").get(pk=term_id)
    if term.is_draft:
        raise ContractTermNotOffered(context={"term": term.code})
    if not line.plans.filter(plan=term.plan, during__contains=started_on).exists():
        raise ContractNeedsPlan(context={"term": term.code, "plan": term.plan.code, "day": started_on})
    period = contract_period(started_on=started_on, months=term.months)
    (number,) = take_numbers(series="CONTRACT", prefix="C-", count=1, digits=NUMBER_DIGITS)
    with constraint_errors({"subscribers_contract_one_at_a_time": ContractHeld}):
        contract = Contract.objects.create(
            subscription=line,
            term=term,
            number=number,
            agreed_on=agreed_on,
            during=days_from(period.start, period.until),
        )
    changes = {"term": term.code, "number": number, "from": started_on.isoformat()}
    record("subscribers.begin_contract", actor=actor, subject=contract, changes=changes)
    return contract
