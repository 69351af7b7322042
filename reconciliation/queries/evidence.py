"""What the lines of a statement point to: a few statements of SQL for all of them together."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.conf import settings

from billing_site.db.sql import fetch_sql
from invoicing.models import Invoice
from payments.queries.open_items import open_items_of
from reconciliation.domain.matching import (
    Credit,
    Evidence,
    KnownAccount,
    OpenBill,
    Verdict,
    account_tokens,
    alike_percent,
    invoice_tokens,
    judge,
    phone_tokens,
)
from reconciliation.models import Match, StatementLine
from subscribers.domain.search_keys import fold_latin, normalise_text
from subscribers.domain.transliteration import transliterate
from subscribers.models import Account, NumberAssignment

SHORTEST_NAME_WORD = 3
GUESS_ALIKE = 60


def judge_lines(lines: Sequence[StatementLine], *, at: datetime) -> dict[int, Verdict]:
    """
    Say of each receipt whose it may be, by the line's id.

    :param at: who has a telephone number at this instant
    """
    found = _evidence(lines, at=at)
    ids = frozenset(account_id for evidence in found.values() for account_id in evidence.account_ids)
    accounts = known_accounts(ids)
    return {
        line.pk: judge(
            Credit(
                text=line.text,
                payer_name=line.payer_name,
                amount_minor=line.amount_minor,
                has_doubt=line.doubt is not None,
            ),
            evidence=found[line.pk],
            accounts=accounts,
        )
        for line in lines
    }


def known_accounts(account_ids: Collection[int]) -> dict[int, KnownAccount]:
    """Return accounts by id with their names, what they are to pay and of which bills, in minor units."""
    bills = open_items_of(account_ids)
    return {
        int(account_id): KnownAccount(
            account_id=account_id,
            number=number,
            name=name,
            owed_minor=max(0, int(owed_minor) - sum(item.disputed_minor for item in bills.get(account_id, ()))),
            is_closed=is_closed,
            bills=[
                OpenBill(invoice_id=item.invoice_id, number=item.number, open_minor=item.payable_minor)
                for item in bills.get(account_id, ())
                if item.payable_minor
            ],
        )
        for account_id, number, name, owed_minor, is_closed in _standings(account_ids)
    }


def _standings(account_ids: Collection[int]) -> list[tuple[int, str, str, int, bool]]:
    if not account_ids:
        return []
    rows = fetch_sql("reconciliation", "read_account_standings", {"accounts": list(account_ids)})
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def _evidence(lines: Sequence[StatementLine], *, at: datetime) -> dict[int, Evidence]:
    texts = {line.pk: f"{line.text}\n\n{line.end_to_end}" for line in lines}
    numbers = {pk: account_tokens(text) for pk, text in texts.items()}
    bills = {pk: invoice_tokens(text) for pk, text in texts.items()}
    by_number = _accounts_of_numbers(_all(numbers.values()))
    by_bill = _accounts_of_bills(_all(bills.values()))
    by_payer = _accounts_of_payers({line.payer_key for line in lines if line.payer_key})
    named = {
        line.pk: frozenset(by_number[one] for one in numbers[line.pk] if one in by_number)
        | frozenset(by_bill[one] for one in bills[line.pk] if one in by_bill)
        for line in lines
    }
    phones = {
        pk: phone_tokens(text, country_code=settings.SALDO_COUNTRY_CODE) for pk, text in texts.items() if not named[pk]
    }
    by_phone = _accounts_of_phones(_all(phones.values()), at=at)
    guessed = _accounts_of_names(
        [line for line in lines if not named[line.pk] and not by_payer.get(line.payer_key) and line.payer_name]
    )
    return {
        line.pk: Evidence(
            by_account_number=frozenset(by_number[one] for one in numbers[line.pk] if one in by_number),
            by_invoice_number={by_bill[one]: one for one in sorted(bills[line.pk]) if one in by_bill},
            by_phone={by_phone[one]: one for one in sorted(phones.get(line.pk, ())) if one in by_phone},
            by_payer=by_payer.get(line.payer_key, frozenset()),
            by_guess=guessed.get(line.pk, frozenset()),
        )
        for line in lines
    }


def _all(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


def _accounts_of_numbers(numbers: Collection[str]) -> Mapping[str, int]:
    if not numbers:
        return {}
    return dict(Account.objects.filter(number__in=numbers).values_list("number", "pk"))


def _accounts_of_bills(numbers: Collection[str]) -> Mapping[str, int]:
    if not numbers:
        return {}
    bills = Invoice.objects.filter(number__in=numbers, state=Invoice.State.POSTED)
    return {str(number): account_id for number, account_id in bills.values_list("number", "account_id")}


def _accounts_of_phones(numbers: Collection[str], *, at: datetime) -> Mapping[str, int]:
    if not numbers:
        return {}
    held = NumberAssignment.objects.filter(number__in=numbers, during__contains=at)
    return dict(held.values_list("number", "subscription__account_id"))


def _accounts_of_payers(keys: Collection[str]) -> Mapping[str, frozenset[int]]:
    """Return the accounts for which each payer's bank account has paid, and it was not taken back."""
    if not keys:
        return {}
    paid = Match.objects.filter(
        line__payer_key__in=keys, line__state=StatementLine.State.MATCHED, undone_at__isnull=True
    )
    found: dict[str, set[int]] = defaultdict(set)
    for key, account_id in paid.values_list("line__payer_key", "account_id").distinct():
        found[key].add(account_id)
    return {key: frozenset(ids) for key, ids in found.items()}


def _accounts_of_names(lines: Sequence[StatementLine]) -> Mapping[int, frozenset[int]]:
    """Return accounts whose subscriber is called much like the payer, for people to look at."""
    words = {line.pk: _rarest_word(line.payer_name) for line in lines}
    asked = [(pk, word) for pk, word in words.items() if word]
    if not asked:
        return {}
    rows = fetch_sql(
        "reconciliation",
        "guess_accounts_by_name",
        {"lines": [pk for pk, _word in asked], "words": [word for _pk, word in asked]},
    )
    names = {line.pk: line.payer_name for line in lines}
    found: dict[int, set[int]] = defaultdict(set)
    for line_id, account_id, name in rows:
        if alike_percent(names[line_id], name) >= GUESS_ALIKE:
            found[line_id].add(account_id)
    return {pk: frozenset(ids) for pk, ids in found.items()}


def _rarest_word(name: str) -> str:
    """Return the longest word of a name, as the search keys hold it: it is rare, so few rows are read."""
    words = fold_latin(transliterate(normalise_text(name))).split()
    longest = max(words, key=len, default="")
    return longest if len(longest) >= SHORTEST_NAME_WORD else ""
