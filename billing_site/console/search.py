"""The one search box: numbers, names, accounts and bills, without being told which."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from billing_site.core.digits import clean_number_input
from billing_site.identity.models import User
from billing_site.ledger.balances import balances_of
from billing_site.web import wrapping
from billing_site.web.addresses import url_or_empty
from billing_site.web.search import SearchGroup, SearchHit, mark_match
from invoicing.models import Invoice
from subscribers.models import Account
from subscribers.queries.search import Matched, SearchHit as SubscriberHit, search_subscribers

MOST_HITS = 20
LABELS: dict[str, str | Promise] = {
    Matched.ACCOUNT: _("Accounts"),
    Matched.NUMBER: _("Numbers"),
    Matched.NAME: _("Subscribers"),
    Matched.GUESS: _("Did you mean"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The groups to be shown, and the one address that what was typed names exactly."""

    groups: tuple[SearchGroup, ...]
    exact_url: str = ""


def find_anything(*, text: str, person: User, at: datetime) -> Found:
    """
    Return what a text finds: accounts, numbers and names for who may see subscribers, bills for who may see bills.

    :param at: now, to tell today's holder of a number from earlier ones
    """
    text = text.strip()
    if not text:
        return Found(groups=())
    groups: list[SearchGroup] = []
    exact: list[str] = []
    if person.may("subscribers.view_subscriber"):
        hits = search_subscribers(text=text, country_code=settings.SALDO_COUNTRY_CODE, at=at, limit=MOST_HITS)
        groups.extend(_subscriber_groups(hits, text))
        exact.extend(_account_url(hit) for hit in hits if _is_exact(hit, text))
    if person.may("invoicing.view_invoice"):
        bills = _bills(text)
        groups.extend([SearchGroup(key="bill", label=_("Bills"), hits=bills)] if bills else [])
        exact.extend(bill.url for bill in bills)
    return Found(groups=tuple(groups), exact_url=exact[0] if len(set(exact)) == 1 else "")


def _is_exact(hit: SubscriberHit, text: str) -> bool:
    digits = clean_number_input(text).lstrip("+")
    is_holder = hit.matched == Matched.NUMBER and hit.holds_number_now and hit.number is not None
    return hit.account_number == digits or (
        is_holder and str(hit.number).endswith(digits.lstrip("0")) and len(digits) > 5
    )


def _account_url(hit: SubscriberHit) -> str:
    return url_or_empty("console:account", hit.account_id)


def _subscriber_groups(hits: tuple[SubscriberHit, ...], text: str) -> list[SearchGroup]:
    balances = balances_of(hit.ledger_account_id for hit in hits)
    by_kind: dict[str, list[SearchHit]] = defaultdict(list)
    for hit in hits:
        note = _note(hit, balances.get(hit.ledger_account_id, 0))
        by_kind[hit.matched].append(SearchHit(url=_account_url(hit), title=_title(hit, text), note=note))
    return [
        SearchGroup(key=str(kind).lower(), label=label, hits=by_kind[kind])
        for kind, label in LABELS.items()
        if by_kind[kind]
    ]


def _title(hit: SubscriberHit, text: str) -> SafeString:
    match hit.matched:
        case Matched.ACCOUNT:
            return format_html("{} {}", wrapping.code_html(hit.account_number), wrapping.text_html(hit.name))
        case Matched.NUMBER:
            return format_html("{} {}", wrapping.phone_html(hit.number), wrapping.text_html(hit.name))
        case _:
            return mark_match(hit.name, text)


def _note(hit: SubscriberHit, balance_minor: int) -> SafeString:
    debt = wrapping.minor_html(balance_minor, currency=settings.SALDO_CURRENCY)
    state = wrapping.state_html(hit.account_state, None) if hit.account_state != Account.State.ACTIVE else ""
    return format_html("{} {} {}", wrapping.code_html(hit.account_number), state, debt)


def _bills(text: str) -> list[SearchHit]:
    rows = Invoice.objects.filter(number=text.upper(), state=Invoice.State.POSTED)[:MOST_HITS]
    return [
        SearchHit(
            url=url_or_empty("invoicing:invoice", row.pk),
            title=wrapping.code_html(row.number),
            note=wrapping.minor_html(row.gross_minor, currency=row.currency),
        )
        for row in rows
    ]
