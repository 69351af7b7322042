"""What the demo operator promises: calls given back up to the rent, and a yearly contract; and who took it."""

from datetime import date
from decimal import Decimal

from billing_site.console.demo.customers import account_of
from billing_site.console.demo.places import staff
from billing_site.console.demo.scale import MONTH_START, PRICES_SINCE, moment
from billing_site.console.demo.words import five
from subscribers.models import Account, Contract, PromotionAgreement, Subscription, SubscriptionFeature
from subscribers.operations.agreements import agree_promotion, begin_contract
from subscribers.operations.subscriptions import add_feature
from tariffs.domain.contract_terms import LeavePolicy
from tariffs.domain.promotions import PromotionKind
from tariffs.models import ContractTerm, Feature, Promotion
from tariffs.operations.contract_terms import NewBonus, NewLeavingFee, approve_contract_term, draft_contract_term
from tariffs.operations.promotions import approve_promotion, draft_promotion

CALLS_BACK, YEAR = "CALLS-BACK", "CITY-YEAR"
AGREED_ON = date(2026, 1, 28)


def make_promises() -> None:
    """Draft and approve what is missing of promotions and contract terms."""
    maker, approver = staff("specialist"), staff("approver")
    approved_at = moment(PRICES_SINCE, 9)
    if not Promotion.objects.filter(code=CALLS_BACK).exists():
        draft_promotion(
            code=CALLS_BACK,
            names=five(
                "Give back calls",
                "Զանգեր բաժանորդավճարի հաշվին",
                "Звонки в счёт абонплаты",
                "送等额月租话费",
                "استرداد المكالمات",
            ),
            kind=PromotionKind.CREDIT_CALLS_UP_TO_RENT,
            credited_item_codes=["CALLS-LOCAL", "CALLS-MOBILE", "CALLS-INTL"],
            rent_item_codes=["FEE-FIXED"],
            valid_from=PRICES_SINCE,
            actor=maker,
        )
    for promotion in Promotion.objects.filter(code=CALLS_BACK, state=Promotion.State.DRAFT):
        approve_promotion(promotion_id=promotion.pk, approved_at=approved_at, actor=approver)
    if not ContractTerm.objects.filter(code=YEAR).exists():
        draft_contract_term(
            code=YEAR,
            plan_code="CITY-200",
            names=five(
                "A year of City 200", "Քաղաք 200՝ մեկ տարով", "Город 200 на год", "城市200一年", "المدينة 200 لسنة"
            ),
            months=12,
            bonus=NewBonus(amount=Decimal(1000), bill_item_code="CONTRACTS"),
            leaving_fee=NewLeavingFee(
                policy=LeavePolicy.REMAINING_MONTHS, amount=Decimal(250), bill_item_code="CONTRACTS"
            ),
            actor=maker,
        )
    for term in ContractTerm.objects.filter(code=YEAR, state=ContractTerm.State.DRAFT):
        approve_contract_term(term_id=term.pk, approved_at=approved_at, actor=approver)


def keep_promises() -> None:
    """One subscriber has his calls given back besides a new service; one makes a contract and leaves early."""
    account = account_of("calls back")
    actor = staff("clerk30")
    line = _line_of(account)
    if not SubscriptionFeature.objects.filter(subscription=line).exists():
        feature = Feature.objects.get(code="CALLER-ID")
        add_feature(subscription_id=line.pk, feature_id=feature.pk, from_on=MONTH_START, actor=actor)
    if not PromotionAgreement.objects.filter(account=account).exists():
        agree_promotion(
            account_id=account.pk,
            subscription_id=line.pk,
            promotion_id=Promotion.objects.get(code=CALLS_BACK).pk,
            from_on=MONTH_START,
            agreed_on=AGREED_ON,
            actor=actor,
        )
    leaving = _line_of(account_of("leaving"))
    if not Contract.objects.filter(subscription=leaving).exists() and leaving.state == Subscription.State.ACTIVE:
        term = ContractTerm.objects.get(code=YEAR)
        begin_contract(
            subscription_id=leaving.pk, term_id=term.pk, started_on=MONTH_START, agreed_on=AGREED_ON, actor=actor
        )


def _line_of(account: Account) -> Subscription:
    return Subscription.objects.get(account=account)
