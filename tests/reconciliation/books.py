"""Books of the tests: bills, payments and advances of fixed and mobile lines, and what accounting says of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from django.db import transaction

from billing_site.identity.models import User
from billing_site.ledger.models import LedgerAccount
from billing_site.ledger.posting import NewEntry, Pair, open_accounts, post_entry
from reconciliation.models import AccountingClass
from reconciliation.operations.accounting_classes import set_accounting_class, set_accounting_map
from reconciliation.operations.accounting_files import LoadOutcome, load_accounting_file
from reconciliation.operations.book_comparisons import ComparisonOutcome, compare_books
from subscribers.models import Account
from tests.factories.subscribers import make_account, make_line
from tests.factories.tariffs import make_plan

FIRST, LAST = date(2026, 2, 1), date(2026, 2, 28)
NOW = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
HEAD = "Class;Customer;Opening;Debit;Credit;Closing\n"
TABLE = {
    "layout": "TABLE",
    "columns": {
        "class": "Class",
        "account": "Customer",
        "opening": "Opening",
        "debit": "Debit",
        "credit": "Credit",
        "closing": "Closing",
    },
    "total_mark": "Total",
}
# Code, what it holds, section.
CLASSES = (
    ("221.1", "RECEIVABLE", "FIXED"),
    ("221.2", "RECEIVABLE", "MOBILE"),
    ("523.1", "ADVANCE", "FIXED"),
    ("523.2", "ADVANCE", "MOBILE"),
    ("611.1", "REVENUE", "FIXED"),
    ("611.2", "REVENUE", "MOBILE"),
    ("251.1", "PAYMENTS", "FIXED"),
    ("251.2", "PAYMENTS", "MOBILE"),
)
KINDS = {"FIXED": ["FIXED", "INTERNET", "OTHER"], "MOBILE": ["MOBILE"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A line as accounting says it: minor units of a currency without decimals are written as they are."""

    code: str
    account: str
    opening: int = 0
    debit: int = 0
    credit: int = 0

    def __str__(self) -> str:
        closing = self.opening + self.debit - self.credit
        amounts = ";".join(f"{one}.00" for one in (self.opening, self.debit, self.credit, closing))
        return f"{self.code};{self.account};{amounts}\n"


@dataclass(slots=True)
class Books:
    """Accounts by name, and every line that accounting must say of them if nobody errs."""

    accounts: dict[str, Account] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)


def make_classes() -> None:
    for code, measure, section in CLASSES:
        set_accounting_class(
            code=code,
            title=f"{measure} {section}",
            measure=measure,
            section=section,
            kinds=KINDS[section],
            items=[],
            actor=None,
        )
    for code, measure in (("524", "TAX"), ("619", "ROUNDING"), ("531", "PROVIDER")):
        set_accounting_class(code=code, title=measure, measure=measure, section="", kinds=[], items=[], actor=None)
    set_accounting_map(code="TABLE", names={"en": "Table"}, plan=TABLE, actor=None)


def make_books(*, names: Iterable[str] = ("a", "b", "c", "d", "e"), day: date = date(2026, 2, 10)) -> Books:
    """
    Post a bill for every name and section; pay the first two, the second one ahead as well.

    The bill of the n-th is 1000 + n; of a mobile line ten times that.
    """
    make_classes()
    books = Books()
    for section, times in (("FIXED", 100), ("MOBILE", 1000)):
        plan = make_plan(code=f"P-{section}", kind=section)
        for n, name in enumerate(names, start=1):
            account = make_account(name=f"{name} {section}")
            make_line(account=account, plan=plan)
            books.accounts[f"{name}-{section}"] = account
            billed = (10 + n) * times
            paid = {1: billed, 2: billed + 50 * times}.get(n, 0)
            post(account, section, billed=billed, paid=paid, day=day)
            books.said.extend(_said(account.number, section, billed=billed, paid=paid))
    return books


def post(account: Account, section: str, *, billed: int, paid: int, day: date) -> None:
    kinds = LedgerAccount.Kind
    with transaction.atomic():
        revenue, till = f"REVENUE:{section}:RENT", "CLEARING:TEST"
        earning = open_accounts(codes=[revenue], kind=kinds.REVENUE, currency=account.currency)[revenue]
        money = open_accounts(codes=[till], kind=kinds.CLEARING, currency=account.currency)[till]
        for source, pair in (
            ("INVOICE", Pair(account.ledger_account_id, earning, billed)),
            ("PAYMENT", Pair(money, account.ledger_account_id, paid)),
        ):
            if pair.amount_minor:
                key = f"{account.number}-{day}"
                entry = NewEntry(
                    source_type=source,
                    source_id=key,
                    posted_on=day,
                    actor="t",
                    pairs=[pair],
                    currency=account.currency,
                )
                post_entry(entry)


def _said(number: str, section: str, *, billed: int, paid: int) -> list[Said]:
    n = 1 if section == "FIXED" else 2
    lines = [Said(code=f"611.{n}", account=number, credit=billed)]
    if paid:
        lines.append(Said(code=f"251.{n}", account=number, debit=paid))
    settled = min(billed, paid)
    lines.append(Said(code=f"221.{n}", account=number, debit=billed, credit=settled))
    if paid > billed:
        lines.append(Said(code=f"523.{n}", account=number, credit=paid - billed))
    return lines


def changed(said: list[Said], code: str, account: Account, **fields: object) -> list[Said]:
    """Return the lines with one of them changed; without fields it is left out."""
    kept = [one for one in said if (one.code, one.account) != (code, account.number)]
    old = [one for one in said if (one.code, one.account) == (code, account.number)]
    return [*kept, *(replace(one, **fields) for one in old if fields)]  # type: ignore[arg-type]


def plant(books: Books) -> list[Said]:
    """Five faults: two under fixed, three under mobile, the same in every class that they touch."""
    on = books.accounts
    said = books.said
    # Fixed: a bill that accounting never booked; a bill that nobody knows.
    said = changed(said, "611.1", on["c-FIXED"])
    said = [*said, Said(code="611.1", account="99999999", credit=7700)]
    # Mobile: a typing error; an advance booked as revenue; a payment booked to another subscriber.
    said = changed(said, "611.2", on["d-MOBILE"], credit=14100)
    advance = changed(said, "523.2", on["b-MOBILE"])
    said = changed(advance, "611.2", on["b-MOBILE"], credit=12000 + 50000)
    said = changed(said, "251.2", on["a-MOBILE"])
    return [*said, Said(code="251.2", account=on["e-MOBILE"].number, debit=11000)]


def load(said: Iterable[Said], *, name: str = "ledger.csv", actor: User | None = None, **wish: object) -> LoadOutcome:
    text = HEAD + "".join(map(str, said))
    days = {"first_on": FIRST, "last_on": LAST}
    return load_accounting_file(map_code="TABLE", name=name, content=text.encode(), actor=actor, **{**days, **wish})  # type: ignore[arg-type]


def compare(actor: User | None = None, **wish: object) -> ComparisonOutcome:
    days = {"first_on": FIRST, "last_on": LAST, "compared_at": NOW}
    return compare_books(actor=actor, **{**days, **wish})  # type: ignore[arg-type]


def class_of(code: str) -> AccountingClass:
    return AccountingClass.objects.get(code=code)
