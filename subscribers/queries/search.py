"""One box: a telephone number, an account number, or any part of a name in any of five scripts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from billing_site.core.digits import clean_number_input
from billing_site.db.ranges import instant_period
from subscribers.domain.search_keys import SearchWord, normalise_text, search_words, with_russian_layout
from subscribers.models import Account, NumberAssignment, Subscriber

MAX_TEXT = 200
MIN_DIGITS = 3
LONGEST_NUMBER = 15

# Below this likeness a name is no guess at what was meant.
LEAST_LIKENESS = "0.4"


class Matched(StrEnum):
    """By what a hit was found."""

    ACCOUNT = "ACCOUNT"
    NUMBER = "NUMBER"
    NAME = "NAME"
    # Nothing was found as typed; this is what the other keyboard layout or a likely slip gives.
    GUESS = "GUESS"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """One account found, and by what."""

    matched: Matched
    account_id: int
    account_number: str
    account_state: str
    ledger_account_id: int
    subscriber_id: int
    name: str
    language: str
    address: str
    # The telephone number that was found, and whether the account's line holds it now.
    number: str | None = None
    subscription_id: int | None = None
    holds_number_now: bool = False


def search_subscribers(*, text: str, country_code: str, at: datetime, limit: int = 20) -> tuple[SearchHit, ...]:
    """
    Return at most ``limit`` accounts: by account number first, then by telephone number, then by name.

    Digits may be written with spaces, brackets, a plus, or in Arabic; a telephone number also without country code.
    Names are tried as typed; only when nothing is found, also as the Russian keyboard types them and by likeness.

    :param at: now, to tell today's holder of a number from earlier ones
    """
    text = text[:MAX_TEXT].strip()
    digits = clean_number_input(text).lstrip("+")
    if digits.isascii() and digits.isdigit():
        hits = _by_digits(digits, country_code=country_code, at=at, limit=limit) if len(digits) >= MIN_DIGITS else ()
        if hits:
            return hits
    if not normalise_text(text):
        return ()
    return _by_name(text, limit=limit)


def _by_digits(digits: str, *, country_code: str, at: datetime, limit: int) -> tuple[SearchHit, ...]:
    accounts = [_hit(account, Matched.ACCOUNT) for account in _accounts().filter(number=digits)]
    wanted = {digits, country_code + digits, country_code + digits.removeprefix("0")}
    exact = NumberAssignment.objects.filter(number__in=[number for number in wanted if len(number) <= LONGEST_NUMBER])
    found = _assignments(exact, limit=limit)
    if not found and not accounts:
        found = _assignments(NumberAssignment.objects.filter(_begins(wanted)), limit=limit)
        accounts = [_hit(a, Matched.ACCOUNT) for a in _accounts().filter(number__startswith=digits)[:limit]]
    return tuple([*accounts, *(_number_hit(assignment, at) for assignment in found)][:limit])


def _begins(prefixes: Iterable[str]) -> Q:
    condition = Q()
    for prefix in sorted(prefixes):
        condition |= Q(number__startswith=prefix)
    return condition


def _assignments(rows: "QuerySet[NumberAssignment]", *, limit: int) -> list[NumberAssignment]:
    """Return assignments, the present holder of a number first."""
    return list(rows.select_related("subscription__account__subscriber").order_by("number", "-during")[:limit])


def _by_name(text: str, *, limit: int) -> tuple[SearchHit, ...]:
    hits = _named(text, matched=Matched.NAME, limit=limit)
    if not hits and text.isascii():
        hits = _named(with_russian_layout(text), matched=Matched.GUESS, limit=limit)
    return hits or _alike(text, limit=limit)


def _named(text: str, *, matched: Matched, limit: int) -> tuple[SearchHit, ...]:
    subscribers = Subscriber.objects.all()
    for word in search_words(text):
        subscribers = subscribers.filter(_holds(word))
    return _hits_of(subscribers.order_by("search_key", "pk"), matched=matched, limit=limit)


def _holds(word: SearchWord) -> Q:
    condition = Q()
    for form in word.forms:
        condition |= Q(search_key__contains=form)
    return condition


def _alike(text: str, *, limit: int) -> tuple[SearchHit, ...]:
    typed = " ".join(word.latin for word in search_words(text))
    likeness = TrigramWordSimilarity(typed, "search_key")
    subscribers = Subscriber.objects.filter(search_key__trigram_word_similar=typed).annotate(likeness=likeness)
    with transaction.atomic(), connection.cursor() as cursor:
        # The index answers by a bound that Postgres keeps in a setting.
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [LEAST_LIKENESS])
        return _hits_of(subscribers.order_by("-likeness", "pk"), matched=Matched.GUESS, limit=limit)


def _hits_of(subscribers: "QuerySet[Subscriber]", *, matched: Matched, limit: int) -> tuple[SearchHit, ...]:
    order = list(subscribers.values_list("pk", flat=True)[:limit])
    accounts = sorted(_accounts().filter(subscriber__in=order), key=lambda a: (order.index(a.subscriber_id), a.pk))
    return tuple(_hit(account, matched) for account in accounts[:limit])


def _accounts() -> "QuerySet[Account]":
    return Account.objects.select_related("subscriber").order_by("pk")


def _hit(account: Account, matched: Matched) -> SearchHit:
    return SearchHit(
        matched=matched,
        account_id=account.pk,
        account_number=account.number,
        account_state=account.state,
        ledger_account_id=account.ledger_account_id,
        subscriber_id=account.subscriber_id,
        name=account.subscriber.name,
        language=account.subscriber.language,
        address=account.address,
    )


def _number_hit(assignment: NumberAssignment, at: datetime) -> SearchHit:
    account = assignment.subscription.account
    return SearchHit(
        matched=Matched.NUMBER,
        account_id=account.pk,
        account_number=account.number,
        account_state=account.state,
        ledger_account_id=account.ledger_account_id,
        subscriber_id=account.subscriber_id,
        name=account.subscriber.name,
        language=account.subscriber.language,
        address=account.address,
        number=assignment.number,
        subscription_id=assignment.subscription_id,
        holds_number_now=instant_period(assignment.during).contains(at),
    )
