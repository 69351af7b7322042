"""Payments by bank on 3 and 4 March: two accounts of ours, three statements, one of them held for a gap."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings

from billing_site.console.demo.customers import STORIES
from billing_site.console.demo.places import staff
from billing_site.console.demo.scale import CHECKED_DAY, SEED, TODAY, moment
from billing_site.core.money import currency_digits, minor_to_decimal
from payments.queries.open_items import open_items_of
from reconciliation.models import BankAccount, StatementFile
from reconciliation.operations.bank_accounts import add_bank_account
from reconciliation.operations.statements import load_statement
from subscribers.models import Account, NumberAssignment

MAIN, OTHER = "MAIN", "RIVER"
NUMBER = "1930012345670001"
# So many pay by bank at most; of thirty lines about one is for people.
MOST_PAYERS, LINES_FOR_EACH_PERSON = 90, 30
FIRST_NUMBER = 62
OPENING_MINOR = 1_250_000
TEXTS = {
    "hy": "Հեռախոսի վճար, հաշիվ {}",
    "ru": "Оплата связи, л/с {}",
    "zh-hans": "电话费 账号 {}",
    "ar": "دفع الهاتف حساب {}",
    "en": "Telephone, account {}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who pays by bank: his account, a bill with what is open of it in minor units, and a number of his."""

    account_number: str
    name: str
    language: str
    bill_number: str
    open_minor: int
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One movement as the bank writes it; minor units, positive for money that came in."""

    amount_minor: int
    text: str
    name: str = ""
    account: str = ""
    reference: str = ""
    code: str = "NTRF"


def load_bank_statements() -> Mapping[str, Any]:
    """Add the bank accounts, write the statements as the bank sends them, and load what is not loaded yet."""
    accountant = staff("accountant")
    if not BankAccount.objects.exists():
        add = partial(add_bank_account, bank_name="First Bank of Meridian", actor=accountant)
        add(code=MAIN, name="Main account", number=NUMBER, format="MT940")
        add(code=OTHER, name="Riverside account", number="40702810000000000042", format="ONE_C")
    folder = statements_folder()
    if not folder.exists():
        folder.mkdir(parents=True)
        for name, content in planned_files(find_payers()).items():
            (folder / name).write_text(content, encoding="utf-8")
    for path in sorted(folder.iterdir()):
        if not StatementFile.objects.filter(name=path.name).exists():
            at = moment(TODAY, 9)
            load_statement(bank_code=MAIN, name=path.name, content=path.read_bytes(), loaded_at=at, actor=accountant)
    return {"statements": StatementFile.objects.count()}


def statements_folder() -> Path:
    """Return where the bank leaves its statements."""
    return Path(settings.SALDO_FILES_ROOT) / "demo" / "statements"


def find_payers() -> list[Payer]:
    """Return accounts without a story that have a bill open still, in their order."""
    accounts = Account.objects.select_related("subscriber").exclude(state=Account.State.CLOSED).order_by("pk")
    others = list(accounts[len(STORIES) :])
    bills = open_items_of([account.pk for account in others])
    held = NumberAssignment.objects.filter(during__contains=moment(TODAY, 0))
    phones = dict(held.order_by("-number").values_list("subscription__account_id", "number"))
    return [
        Payer(
            account_number=account.number,
            name=account.subscriber.name,
            language=account.subscriber.language,
            bill_number=bills[account.pk][0].number,
            open_minor=bills[account.pk][0].open_minor,
            phone=phones.get(account.pk, ""),
        )
        for account in others
        if account.pk in bills
    ][:MOST_PAYERS]


def planned_files(payers: Sequence[Payer]) -> dict[str, str]:
    """Return the bank's files by name: two days in order, and a third after a day that is missing."""
    moves = list(planned_moves(payers))
    early, late = moves[: len(moves) // 5], moves[len(moves) // 5 :]
    if early:
        back = Movement(amount_minor=-early[0].amount_minor, text="AC04", code="NRTI", reference=early[0].reference)
        late = [*late, back]
    late.append(Movement(amount_minor=-2_500, text="Account keeping", code="NCHG"))
    first = write_statement(
        early, number=FIRST_NUMBER, day=CHECKED_DAY - timedelta(days=1), opening_minor=OPENING_MINOR
    )
    middle_minor = OPENING_MINOR + sum(move.amount_minor for move in early)
    second = write_statement(late, number=FIRST_NUMBER + 1, day=CHECKED_DAY, opening_minor=middle_minor)
    gap = write_statement(
        [Movement(amount_minor=7_300, text="Telephone")], number=FIRST_NUMBER + 3, day=TODAY, opening_minor=9_000_000
    )
    return {"main-0062.sta": first, "main-0063.sta": second, "main-0065.sta": gap}


def planned_moves(payers: Sequence[Payer]) -> Iterator[Movement]:
    """Yield what each payer sends, written as people write it, and now and then what only people can tell."""
    chance = Random(SEED + 5)  # noqa: S311 - the same payments every time
    for n, payer in enumerate(payers):
        amount_minor = payer.open_minor if n % 7 else payer.open_minor + chance.randrange(1, 20) * 100
        yield Movement(
            amount_minor=amount_minor,
            text=_text_of(payer, n),
            name=payer.name,
            account=f"AM{chance.randrange(10**14):014d}",
            reference=f"FB{SEED}{n:06d}",
        )
    for n in range(max(1, len(payers) // LINES_FOR_EACH_PERSON) if payers else 0):
        yield _for_people(n, payers)


def _text_of(payer: Payer, n: int) -> str:
    number = payer.account_number
    match n % 5:
        case 0:
            return payer.bill_number
        case 1 if payer.phone:
            return f"тел. {payer.phone}" if n % 7 else TEXTS[payer.language].format(number)
        case 2:
            return f"{number[:3]} {number[3:6]} {number[6:]}"
        case 3:
            return f"{payer.bill_number} / {number}"
        case _:
            return TEXTS[payer.language].format(number)


def _for_people(n: int, payers: Sequence[Payer]) -> Movement:
    """Return a line that the rules must leave: a name alone, two accounts, a mistyped number, nothing at all."""
    one, other = payers[n % len(payers)], payers[-1 - n % len(payers)]
    wrong = one.account_number[:-1] + str((int(one.account_number[-1]) + 3) % 10)
    texts = ("", f"{one.account_number} {other.account_number}", f"л/с {wrong}", "Оплата")
    name = "" if n % len(texts) == 3 else one.name
    reference = f"FP{SEED}{n:06d}"
    return Movement(amount_minor=3_100 + n * 700, text=texts[n % len(texts)], name=name, reference=reference)


def write_statement(moves: Sequence[Movement], *, number: int, day: date, opening_minor: int) -> str:
    """Return a statement in MT940, as this bank writes it."""
    closing_minor = opening_minor + sum(move.amount_minor for move in moves)
    lines = [f":20:MER{number:04d}", f":25:{NUMBER}", f":28C:{number}/1", f":60F:{_balance(opening_minor, day)}"]
    for move in moves:
        mark = "C" if move.amount_minor > 0 else "D"
        reference = f"NONREF//{move.reference}" if move.reference else "NONREF"
        lines.append(f":61:{day:%y%m%d}{day:%m%d}{mark}{_amount(move.amount_minor)}{move.code}{reference}")
        lines.append(f":86:000?00TRANSFER?20{move.text}?31{move.account}?32{move.name}")
    return "\n".join([*lines, f":62F:{_balance(closing_minor, day)}", "-", ""])


def _balance(minor: int, day: date) -> str:
    return f"{'C' if minor >= 0 else 'D'}{day:%y%m%d}{settings.SALDO_CURRENCY}{_amount(minor)}"


def _amount(minor: int) -> str:
    whole, _, part = str(minor_to_decimal(abs(minor), digits=currency_digits(settings.SALDO_CURRENCY))).partition(".")
    return f"{whole},{part}"
