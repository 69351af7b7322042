"""The demo's subscribers, their accounts, lines, features and discounts; and the accounts that have a story to tell."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from billing_site.console.demo.people import Person, make_person
from billing_site.console.demo.places import TOWNS, centres_of, staff
from billing_site.console.demo.plans import PLANS
from billing_site.console.demo.scale import LANGUAGE_WEIGHTS, MONTH_START, SEED, Scale, moment
from billing_site.console.demo.words import five
from subscribers.models import (
    Account,
    AccountDiscount,
    BillCycle,
    NumberAssignment,
    PhoneNumber,
    Subscription,
    SubscriptionFeature,
)
from subscribers.operations.accounts import close_account, create_bill_cycle, give_discount
from subscribers.operations.bulk_loading import (
    NewAccount,
    NewSubscription,
    activate_subscriptions_in_bulk,
    open_accounts_in_bulk,
)
from subscribers.operations.numbers import assign_number, free_quarantined_numbers, release_number
from subscribers.operations.subscriptions import (
    activate_subscription,
    add_feature,
    change_plan,
    terminate_subscription,
)
from tariffs.models import Discount, Feature, Plan

CYCLE = "FIRST"
# So many postmen walk from a post office.
ROUNDS = 7
CLOSED_ON = date(2026, 2, 3)
HANDED_ON = date(2026, 2, 10)


def loaded_at() -> datetime:
    """Return when the lines were put in: the day before the month."""
    return moment(date(2026, 1, 31), 12)


def released_at() -> datetime:
    """Return when the number that changed hands was given up."""
    return moment(date(2025, 11, 1), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An account that is there to be looked at: its key, who it is, and the plan of its first line."""

    key: str
    person: Person
    plan: str
    lines: int = 1


def _person(name: str, language: str, address: str = "", *, company: bool = False) -> Person:
    kind, category = ("COMPANY", "BUSINESS") if company else ("PERSON", "HOME")
    return Person(kind=kind, category=category, name=name, language=language, address=address)


STORIES = (
    Story(
        key="hy",
        person=_person("Գրիգորյան Անի Հայկի", "hy", "ք. Արևաբերդ, Մաշտոցի պող. 12/3, բն. 45"),
        plan="CITY-200",
    ),
    Story(
        key="ru",
        person=_person("Иванова Мария Сергеевна", "ru", "г. Речногорск, ул. Садовая, д. 14, корп. 2, кв. 37"),
        plan="MOBILE-300",
    ),
    Story(
        key="zh-hans", person=_person("欧阳建国", "zh-hans", "云川市滨江区人民路88号3栋2单元501室"), plan="CITY-MINUTE"
    ),
    Story(
        key="ar",
        person=_person("نجلاء الحلبي", "ar", "مدينة النخيل، حي الزهراء، شارع الفرات، بناء 7، طابق 3"),
        plan="MOBILE-300",
    ),
    Story(key="en", person=_person("Mary O'Neil-Brown", "en", "14 Mill Lane, Harborough Vale"), plan="EVENING"),
    Story(key="one-word name", person=_person("Խաչիկ", "hy"), plan="SOCIAL"),
    Story(
        key="long name",
        person=_person(
            "ООО «Объединённое речное пароходство и судоремонтный завод “Заря Речногорска”»", "ru", company=True
        ),
        plan="BUSINESS",
    ),
    Story(key="huge bill", person=_person("North Quay Freight & Forwarding Ltd", "en", company=True), plan="BUSINESS"),
    Story(key="zero bill", person=_person("李婷", "zh-hans"), plan="MOBILE-PAY"),
    Story(key="in credit", person=_person("Հակոբյան Տիգրան Արամի", "hy"), plan="CITY-200"),
    Story(key="closed", person=_person("Волков Павел Юрьевич", "ru"), plan="CITY-MINUTE"),
    Story(key="gave number up", person=_person("Sophie Carter", "en"), plan="EVENING"),
    Story(key="got number", person=_person("Hugh Ashby", "en"), plan="CITY-200"),
    Story(key="leaving", person=_person("عبد الرحمن بن علي", "ar"), plan="CITY-200"),
    Story(key="changes plan", person=_person("Сарапулова Жанна Ильинична", "ru"), plan="CITY-MINUTE"),
    Story(key="calls back", person=_person("王秀英", "zh-hans", "云川市江南区桃园路16号"), plan="CITY-MINUTE"),
    Story(key="smart phone", person=_person("Սահակյան Դավիթ Արամի", "hy"), plan="MOBILE-SMART"),
    Story(key="internet by the hour", person=_person("Лебедева Ольга Николаевна", "ru"), plan="NET-HOURS"),
    Story(
        key="closed group", person=_person("云川市星河贸易有限公司", "zh-hans", company=True), plan="BUSINESS", lines=2
    ),
    Story(key="became a business", person=_person("سعاد الصباغ", "ar"), plan="CITY-MINUTE"),
)
STORY_KEYS = tuple(story.key for story in STORIES)


def make_accounts(scale: Scale) -> Mapping[str, Any]:
    """Open every account with one call."""
    if not BillCycle.objects.filter(code=CYCLE).exists():
        names = five("First of the month", "Ամսի առաջին օրը", "Первое число", "每月一日", "أول الشهر")
        create_bill_cycle(code=CYCLE, names=names, bill_day=1, open_from=MONTH_START, actor=staff("specialist"))
    if not Account.objects.exists():
        open_accounts_in_bulk(accounts=list(_new_accounts(scale)), actor=staff("specialist"))
    return {"accounts": Account.objects.count()}


def make_lines() -> Mapping[str, Any]:
    """Put every line in service with one call, then tell the stories that need single ones."""
    if not Subscription.objects.exists():
        lines = list(_new_lines())
        activate_subscriptions_in_bulk(lines=lines, at=loaded_at(), actor=staff("specialist"))
    _hand_number_over()
    _add_features()
    return {"lines": Subscription.objects.count(), "numbers": NumberAssignment.objects.count()}


def post_code_of(centre_code: str) -> str:
    """Return the post code around a service centre: ``C10-3`` stands in 1003."""
    area, _dash, number = centre_code.removeprefix("C").partition("-")
    return f"{area}{int(number):02d}"


def account_of(story: str) -> Account:
    """Return the account of a story."""
    return Account.objects.order_by("pk")[STORY_KEYS.index(story)]


def _new_accounts(scale: Scale) -> Iterator[NewAccount]:
    chance = Random(SEED)  # noqa: S311 - the same people every time
    cycle = BillCycle.objects.get(code=CYCLE)
    centres = {town.language: centres_of(town.area) for town in TOWNS}
    turns = [language for language, weight in LANGUAGE_WEIGHTS.items() for _ in range(weight)]
    chance.shuffle(turns)
    emails: dict[str, int] = defaultdict(int)
    for index in range(max(scale.accounts, len(STORIES))):
        language = turns[index % len(turns)]
        person = STORIES[index].person if index < len(STORIES) else make_person(language=language, chance=chance)
        emails[person.language] += 1
        has_email = emails[person.language] <= scale.emails_a_language
        centre = chance.choice(centres[person.language])
        yield NewAccount(
            kind=person.kind,
            name=person.name,
            language=person.language,
            centre_id=centre.pk,
            cycle_id=cycle.pk,
            opened_on=date(2024, 1, 1) + timedelta(days=chance.randrange(700)),
            category=person.category,
            address=person.address,
            post_code=post_code_of(centre.code),
            route=f"R{index % ROUNDS + 1}",
            email=f"subscriber{index + 1}@meridian.example" if has_email else "",
        )


def _new_lines() -> Iterator[NewSubscription]:
    chance = Random(SEED + 1)  # noqa: S311 - the same lines every time
    stock = _Stock()
    plans = dict(Plan.objects.values_list("code", "pk"))
    for index, account in enumerate(Account.objects.select_related("centre__department").order_by("pk")):
        story = STORIES[index] if index < len(STORIES) else None
        if story is not None and story.key == "got number":
            continue
        codes = [story.plan] * story.lines if story is not None else _plans_of(account, chance)
        for code in codes:
            kind = KIND_OF[code]
            since = account.opened_on
            if story is None and chance.randrange(100) < 3:
                since = MONTH_START + timedelta(days=chance.randrange(1, 20))
            yield NewSubscription(
                account_id=account.pk,
                plan_id=plans[code],
                active_from=since,
                number=stock.take(account, "FIXED" if code in DIAL_IN_PLANS else kind),
                address=account.address,
            )


def _plans_of(account: Account, chance: Random) -> list[str]:
    """Draw the plans of an account's lines: one, often two; a company has up to five lines that share its minutes."""
    if account.category == Account.Category.BUSINESS:
        return ["BUSINESS"] * chance.randrange(1, 6)
    kinds = ["FIXED" if chance.randrange(100) < 70 else "MOBILE"]
    if chance.randrange(100) < 28:
        kinds.append(chance.choice(["MOBILE", "INTERNET"]))
    return [chance.choices(CODES_OF[kind], weights=SHARES_OF[kind])[0] for kind in kinds]


# Plans of internet that are used through a telephone line: it has a number.
DIAL_IN_PLANS = frozenset({"NET-HOURS"})
KIND_OF = {plan.code: plan.kind for plan in PLANS}
CODES_OF = {kind: [p.code for p in PLANS if p.kind == kind and p.share] for kind in ("FIXED", "MOBILE", "INTERNET")}
SHARES_OF = {kind: [p.share for p in PLANS if p.kind == kind and p.share] for kind in ("FIXED", "MOBILE", "INTERNET")}


class _Stock:
    """Free numbers in order: of the account's own centre for fixed lines, of its department for mobiles."""

    def __init__(self) -> None:
        self.free: dict[tuple[str, int], list[str]] = defaultdict(list)
        rows = PhoneNumber.objects.filter(state="FREE", range__use__in=("FIXED", "MOBILE")).order_by("-number")
        for number, use, department, centre in rows.values_list(
            "number", "range__use", "range__department", "range__centre"
        ):
            self.free[use, centre or department].append(number)

    def take(self, account: Account, kind: str) -> str | None:
        if kind == "FIXED":
            return self.free["FIXED", account.centre_id].pop()
        return self.free["MOBILE", account.centre.department_id].pop() if kind == "MOBILE" else None


def _hand_number_over() -> None:
    """A number rests for ninety days after its first holder, then another subscriber gets it."""
    old, new = account_of("gave number up"), account_of("got number")
    if Subscription.objects.filter(account=new).exists():
        return
    line = Subscription.objects.get(account=old)
    first = NumberAssignment.objects.filter(subscription=line).order_by("during").first()
    if first is None:
        return
    actor = staff("specialist")
    if first.during.upper is None:
        release_number(assignment_id=first.pk, at=released_at(), actor=actor)
    if NumberAssignment.objects.filter(subscription=line).count() == 1:
        other = PhoneNumber.objects.filter(state="FREE", range__centre=old.centre).order_by("-number").first()
        if other is not None:
            assign_number(
                subscription_id=line.pk, number=other.number, from_at=released_at(), at=loaded_at(), actor=actor
            )
    free_quarantined_numbers(on=date(2026, 1, 31))
    activate_subscription(
        account_id=new.pk,
        plan_id=Plan.objects.get(code="CITY-200").pk,
        active_from=HANDED_ON,
        number=first.number,
        at=loaded_at(),
        actor=actor,
    )


def _add_features() -> None:
    actor = staff("specialist")
    chance = Random(SEED + 2)  # noqa: S311 - the same features every time
    features = list(Feature.objects.order_by("code"))
    untouched = {account_of(story.key).pk for story in STORIES}
    known = set(SubscriptionFeature.objects.values_list("subscription_id", flat=True))
    for line in Subscription.objects.filter(active_from__lt=MONTH_START).order_by("pk"):
        wanted = chance.randrange(100) < 10 and line.account_id not in untouched
        feature = chance.choice(features)
        from_on = MONTH_START + timedelta(days=chance.choice([0, 0, 0, 9]))
        if wanted and line.pk not in known and line.state == Subscription.State.ACTIVE:
            add_feature(subscription_id=line.pk, feature_id=feature.pk, from_on=from_on, actor=actor)
    discounts = list(Discount.objects.order_by("position"))
    given = set(AccountDiscount.objects.values_list("account_id", flat=True))
    for account in Account.objects.order_by("pk")[len(STORIES) :: 17]:
        discount = chance.choice(discounts)
        if account.pk not in given:
            give_discount(account_id=account.pk, discount_id=discount.pk, from_on=MONTH_START, actor=actor)


def end_lines() -> None:
    """One account is closed, one leaves in the middle of the month, one changes its plan on the 15th."""
    actor = staff("specialist")
    for story, day in (("closed", MONTH_START), ("leaving", date(2026, 2, 16))):
        for line in Subscription.objects.filter(account=account_of(story)).exclude(state="TERMINATED"):
            terminate_subscription(subscription_id=line.pk, ended_on=day, actor=actor)
    closed = account_of("closed")
    if not closed.is_closed:
        close_account(account_id=closed.pk, closed_on=CLOSED_ON, actor=actor)
    line = Subscription.objects.get(account=account_of("changes plan"))
    if line.plans.count() == 1:
        plan = Plan.objects.get(code="EVENING")
        change_plan(subscription_id=line.pk, plan_id=plan.pk, changed_on=date(2026, 2, 15), actor=actor)
