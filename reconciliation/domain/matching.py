"""
Whose money a line of a bank statement is: evidence, points, and reasons in words.

Only what names one account beyond doubt is taken automatically: an account number with its check digit, the number of
a bill, a telephone number or the payer's own past together with the exact amount. A name alone never is; two accounts
in one text, a closed account or a line with a doubt go to people.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from billing_site.core.checkdigits import is_valid
from billing_site.core.digits import to_ascii_digits
from billing_site.core.messages import gettext_noop
from subscribers.domain.search_keys import normalise_text
from subscribers.domain.transliteration import skeleton, transliterate

MOST_PROPOSALS = 5
LEAST_ALIKE = 60
LIKELY = 40
WHOLE = 100

_DIGIT_RUN = re.compile(r"[0-9]+", re.ASCII)
_SPACED_RUN = re.compile(r"[0-9]{2,6}(?:[ \-][0-9]{1,6}){1,4}", re.ASCII)
_INVOICE = re.compile(r"\b([A-Z]{2,6})[ \-/]?([0-9]{4})[ \-/]?([0-9]{4,9})\b", re.ASCII)
_SHORTEST_ACCOUNT, _LONGEST_ACCOUNT = 6, 16
_SHORTEST_PHONE, _LONGEST_PHONE = 7, 15
# What names of companies hold besides the name.
_COMPANY_WORDS = frozenset({"ooo", "llc", "ltd", "co", "spy", "zao", "oao", "pao", "ip", "inc", "sm", "shmm"})


class ReasonCode(StrEnum):
    """Why an account is proposed."""

    ACCOUNT_NUMBER = "ACCOUNT_NUMBER"
    INVOICE_NUMBER = "INVOICE_NUMBER"
    PHONE_NUMBER = "PHONE_NUMBER"
    PAID_BEFORE = "PAID_BEFORE"
    BILL_AMOUNT = "BILL_AMOUNT"
    BALANCE_AMOUNT = "BALANCE_AMOUNT"
    NAME = "NAME"
    CLOSED = "CLOSED"


POINTS: Mapping[ReasonCode, int] = {
    ReasonCode.ACCOUNT_NUMBER: 60,
    ReasonCode.INVOICE_NUMBER: 60,
    ReasonCode.PHONE_NUMBER: 40,
    ReasonCode.PAID_BEFORE: 40,
    ReasonCode.BILL_AMOUNT: 25,
    ReasonCode.BALANCE_AMOUNT: 25,
    ReasonCode.NAME: 10,
    ReasonCode.CLOSED: -40,
}
REASON_WORDS: Mapping[ReasonCode, str] = {
    ReasonCode.ACCOUNT_NUMBER: gettext_noop("account number with its check digit"),
    ReasonCode.INVOICE_NUMBER: gettext_noop("number of the bill %(bill)s"),
    ReasonCode.PHONE_NUMBER: gettext_noop("telephone number %(number)s"),
    ReasonCode.PAID_BEFORE: gettext_noop("this payer paid for the account before"),
    ReasonCode.BILL_AMOUNT: gettext_noop("exactly the bill %(bill)s"),
    ReasonCode.BALANCE_AMOUNT: gettext_noop("exactly what the account owes"),
    ReasonCode.NAME: gettext_noop("name alike by %(percent)s %%"),
    ReasonCode.CLOSED: gettext_noop("the account is closed"),
}
_NAMING = frozenset({ReasonCode.ACCOUNT_NUMBER, ReasonCode.INVOICE_NUMBER})
_EXACT_AMOUNT = frozenset({ReasonCode.BILL_AMOUNT, ReasonCode.BALANCE_AMOUNT})


class Group(StrEnum):
    """How sure the proposals of a line are."""

    EXACT = "EXACT"
    LIKELY = "LIKELY"
    SEVERAL = "SEVERAL"
    NONE = "NONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBill:
    """A bill with what is unpaid of it, in minor units."""

    invoice_id: int
    number: str
    open_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAccount:
    """An account that some line may be for; ``owed_minor`` is its balance where it owes, in minor units."""

    account_id: int
    number: str
    name: str
    owed_minor: int
    is_closed: bool = False
    bills: Sequence[OpenBill] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """A line that somebody paid, in minor units."""

    text: str
    payer_name: str
    amount_minor: int
    has_doubt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Accounts that a line points to: by which number of its text, by whose past, by what else; ids."""

    by_account_number: Collection[int] = ()
    by_invoice_number: Mapping[int, str] = field(default_factory=dict)
    by_phone: Mapping[int, str] = field(default_factory=dict)
    by_payer: Collection[int] = ()
    # Found only by amount or by name: to be shown, never to be taken.
    by_guess: Collection[int] = ()

    @property
    def account_ids(self) -> frozenset[int]:
        """Every account that the line points to."""
        named = (self.by_account_number, self.by_invoice_number, self.by_phone, self.by_payer, self.by_guess)
        return frozenset(account_id for ids in named for account_id in ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason with the values of its sentence (``REASON_WORDS``)."""

    code: ReasonCode
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An account for a line; ``for_invoices`` are minor units of the bills that the money is for, by id."""

    account_id: int
    account_number: str
    score: int
    reasons: tuple[Reason, ...]
    for_invoices: Mapping[int, int] = field(default_factory=dict)

    @property
    def codes(self) -> frozenset[ReasonCode]:
        """The reasons' codes."""
        return frozenset(reason.code for reason in self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The proposals of a line, the best one first, and how sure they are."""

    group: Group
    proposals: tuple[Proposal, ...] = ()

    @property
    def taken(self) -> Proposal | None:
        """The proposal that is taken without asking anybody."""
        return self.proposals[0] if self.group is Group.EXACT else None


def account_tokens(text: str) -> frozenset[str]:
    """
    Return the numbers in a text whose last digit is the check digit of the others.

    Digits of any script count. A number that the bank wrapped or the payer spaced is put together, but only where
    nothing else fits.
    """
    plain = [text.replace("\n", ""), text.replace("\n", " ")]
    found = {run for one in plain for run in _DIGIT_RUN.findall(to_ascii_digits(one)) if _is_account(run)}
    if not found:
        joined = (re.sub(r"[ \-]", "", run) for one in plain for run in _SPACED_RUN.findall(to_ascii_digits(one)))
        found = {run for run in joined if _is_account(run)}
    return frozenset(found)


def _is_account(run: str) -> bool:
    return _SHORTEST_ACCOUNT <= len(run) <= _LONGEST_ACCOUNT and is_valid(run)


def invoice_tokens(text: str) -> frozenset[str]:
    """Return what in a text has the form of a bill's number, as bills write it: ``INV-2026-000123``."""
    found: set[str] = set()
    for plain in (text.replace("\n", ""), text.replace("\n", " ")):
        found.update("-".join(parts) for parts in _INVOICE.findall(to_ascii_digits(plain).upper()))
    return frozenset(found)


def phone_tokens(text: str, *, country_code: str) -> frozenset[str]:
    """Return the telephone numbers that a text may hold, with the country code."""
    runs = set(_DIGIT_RUN.findall(to_ascii_digits(text.replace("\n", " "))))
    runs |= {re.sub(r"[ \-]", "", run) for run in _SPACED_RUN.findall(to_ascii_digits(text.replace("\n", " ")))}
    found: set[str] = set()
    for run in runs:
        if _SHORTEST_PHONE <= len(run) <= _LONGEST_PHONE:
            whole = run if run.startswith(country_code) else country_code + run.removeprefix("0")
            found.add(whole)
    return frozenset(one for one in found if len(one) <= _LONGEST_PHONE)


def name_words(name: str) -> frozenset[str]:
    """Return the words of a name by their consonants in Latin letters: one spelling for all scripts."""
    words = transliterate(normalise_text(name)).split()
    return frozenset(skeleton(word) or word for word in words if word not in _COMPANY_WORDS)


def alike_percent(first: str, second: str) -> int:
    """Return how much of two names is the same, word by word, in per cent."""
    mine, other = name_words(first), name_words(second)
    both = len(mine) + len(other)
    return 2 * WHOLE * len(mine & other) // both if mine and other else 0


def judge(credit: Credit, *, evidence: Evidence, accounts: Mapping[int, KnownAccount]) -> Verdict:
    """
    Weigh what points to whom.

    :param accounts: the accounts of the evidence by id; one that is missing here is left out
    """
    known = [accounts[account_id] for account_id in sorted(evidence.account_ids) if account_id in accounts]
    proposals = sorted(
        (_proposal(credit, evidence=evidence, account=account) for account in known),
        key=lambda one: (-one.score, one.account_number),
    )[:MOST_PROPOSALS]
    return Verdict(group=_group(credit, proposals, evidence=evidence), proposals=tuple(proposals))


def _proposal(credit: Credit, *, evidence: Evidence, account: KnownAccount) -> Proposal:
    reasons = tuple(_reasons(credit, evidence=evidence, account=account))
    score = sum(POINTS[reason.code] for reason in reasons)
    return Proposal(
        account_id=account.account_id,
        account_number=account.number,
        score=max(0, min(WHOLE, score)),
        reasons=reasons,
        for_invoices=dict(_uses(credit, evidence=evidence, account=account)),
    )


def _reasons(credit: Credit, *, evidence: Evidence, account: KnownAccount) -> Iterator[Reason]:
    yield from _naming_reasons(account.account_id, evidence)
    bill = _bill_of_amount(credit, account.bills)
    if bill is not None:
        yield Reason(code=ReasonCode.BILL_AMOUNT, values={"bill": bill.number})
    elif account.owed_minor == credit.amount_minor:
        yield Reason(code=ReasonCode.BALANCE_AMOUNT)
    percent = alike_percent(credit.payer_name, account.name)
    if percent >= LEAST_ALIKE:
        yield Reason(code=ReasonCode.NAME, values={"percent": percent})
    if account.is_closed:
        yield Reason(code=ReasonCode.CLOSED)


def _naming_reasons(account_id: int, evidence: Evidence) -> Iterator[Reason]:
    if account_id in evidence.by_account_number:
        yield Reason(code=ReasonCode.ACCOUNT_NUMBER)
    if account_id in evidence.by_invoice_number:
        yield Reason(code=ReasonCode.INVOICE_NUMBER, values={"bill": evidence.by_invoice_number[account_id]})
    if account_id in evidence.by_phone:
        yield Reason(code=ReasonCode.PHONE_NUMBER, values={"number": evidence.by_phone[account_id]})
    if account_id in evidence.by_payer:
        yield Reason(code=ReasonCode.PAID_BEFORE)


def _bill_of_amount(credit: Credit, bills: Iterable[OpenBill]) -> OpenBill | None:
    """Return the one bill of which exactly this is open: a minor unit less is another amount."""
    equal = [bill for bill in bills if bill.open_minor == credit.amount_minor]
    return equal[0] if len(equal) == 1 else None


def _uses(credit: Credit, *, evidence: Evidence, account: KnownAccount) -> Iterator[tuple[int, int]]:
    """Yield the bill that the payer named, else the one of exactly this amount; the rest is used by age."""
    named = evidence.by_invoice_number.get(account.account_id)
    bill = next((one for one in account.bills if one.number == named), None) or _bill_of_amount(credit, account.bills)
    if bill is not None:
        yield bill.invoice_id, min(bill.open_minor, credit.amount_minor)


def _group(credit: Credit, proposals: Sequence[Proposal], *, evidence: Evidence) -> Group:
    if not proposals:
        return Group.NONE
    naming = [one for one in proposals if one.codes & _NAMING]
    if len(naming) > 1:
        return Group.SEVERAL
    best = naming[0] if naming else proposals[0]
    if best is proposals[0] and not credit.has_doubt and _is_beyond_doubt(best, proposals, evidence=evidence):
        return Group.EXACT
    likely = [one for one in proposals if one.score >= LIKELY]
    if len(likely) == 1 or (naming and best is proposals[0]):
        return Group.LIKELY
    return Group.SEVERAL if len(proposals) > 1 else Group.LIKELY


def _is_beyond_doubt(best: Proposal, proposals: Sequence[Proposal], *, evidence: Evidence) -> bool:
    """Say whether the best proposal stands alone with something that names it."""
    if ReasonCode.CLOSED in best.codes:
        return False
    if best.codes & _NAMING:
        # A payer who always paid for another account, and no second reason for this one: ask.
        is_stranger = bool(evidence.by_payer) and best.account_id not in evidence.by_payer
        return not (is_stranger and len(best.codes) == 1)
    is_exact = bool(best.codes & _EXACT_AMOUNT)
    if ReasonCode.PHONE_NUMBER in best.codes:
        return is_exact and len(evidence.by_phone) == 1
    is_alone = len(evidence.by_payer) == 1 and not any(one.codes & _EXACT_AMOUNT for one in proposals[1:])
    return ReasonCode.PAID_BEFORE in best.codes and is_exact and is_alone
