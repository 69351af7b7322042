"""What the demo says at the end: control totals, files, stories, who can sign in."""

from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Count, Sum

from billing_site.console.demo.customers import STORIES, account_of
from billing_site.console.demo.money_in import outgoing_folder, registers_folder
from billing_site.console.demo.own_pages import owners
from billing_site.console.demo.places import PASSWORD, STAFF
from billing_site.console.demo.scale import MONTH_START
from billing_site.console.demo.steps import Say
from billing_site.console.demo.usage import outcomes
from billing_site.console.demo.usage_files import incoming_folder
from billing_site.core.money import currency_digits, minor_to_decimal
from billing_site.ledger.models import LedgerPosting
from invoicing.models import BillRun, Invoice
from payments.models import Payment
from reconciliation.models import TerminalCheck
from subscribers.models import Account, Subscription


def say_summary(*, say: Say, shows_passwords: bool) -> None:
    """Print what is there, what it adds up to, and how to look at it."""
    say(f"\n{settings.SALDO_OPERATOR_NAME} on 5 March 2026")
    say(f"  accounts {Account.objects.count()}, lines {Subscription.objects.count()}")
    _say_usage(say)
    _say_bills(say)
    _say_books(say)
    _say_payments(say)
    say("\nAccounts with a story (search for the number):")
    for story in STORIES:
        say(f"  {account_of(story.key).number}  {story.key}")
    say("\nFiles:")
    for folder in (incoming_folder(), registers_folder(), outgoing_folder()):
        say(f"  {_shown(folder)}: {len(list(folder.glob('*')))} files")
    if shows_passwords:
        say(f"\nSign in with the password {PASSWORD} as:")
        for username, full_name, role, language, _ in STAFF:
            say(f"  {username:14} {role.name.lower().replace('_', ' '):20} {language:8} {full_name}")
        say("\nSubscribers sign in at /my/ with the same password as:")
        for number, language, name in owners():
            say(f"  {number:14} {'subscriber':20} {language:8} {name}")


def _say_usage(say: Say) -> None:
    found = outcomes()
    line = found.pop("line")
    parts = " + ".join(f"{name} {count}" for name, count in found.items())
    say(f"  usage lines {line} = {parts}{_verdict(line == sum(found.values()))}")


def _say_bills(say: Say) -> None:
    bills = Invoice.objects.filter(state=Invoice.State.POSTED, period_from=MONTH_START)
    sums = bills.aggregate(count=Count("pk"), net=Sum("net_minor"), tax=Sum("tax_minor"), gross=Sum("gross_minor"))
    run = BillRun.objects.exclude(state=BillRun.State.CANCELLED).filter(period_from=MONTH_START).first()
    agrees = run is not None and (run.posted_count, run.posted_gross_minor) == (sums["count"], sums["gross"])
    net, tax, gross = (_money(sums[name] or 0) for name in ("net", "tax", "gross"))
    say(f"  bills {sums['count']}: net {net} + tax {tax} = {gross}{_verdict(agrees)}")


def _say_books(say: Say) -> None:
    """Receivables in the books are what was billed less what was paid to an account."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(b.amount_minor), 0) FROM ledger_balance b"
            " JOIN ledger_account a ON a.id = b.account_id WHERE a.kind = 'SUBSCRIBER'"
        )
        row = cursor.fetchone()
    owed = int(row[0]) if row else 0
    billed = Invoice.objects.filter(state=Invoice.State.POSTED).aggregate(sum=Sum("gross_minor"))["sum"] or 0
    standing = Payment.objects.filter(state=Payment.State.POSTED, reversal__isnull=True)
    paid = standing.aggregate(sum=Sum("amount_minor"))["sum"] or 0
    say(
        f"  books: {LedgerPosting.objects.count()} postings; billed {_money(billed)} - paid {_money(paid)}"
        f" = owed {_money(owed)}{_verdict(billed - paid == owed)}"
    )


def _say_payments(say: Say) -> None:
    counts = dict(Payment.objects.values_list("state").annotate(count=Count("pk")).order_by("state"))
    say(f"  payments {sum(counts.values())}: " + ", ".join(f"{n} {state.lower()}" for state, n in counts.items()))
    for check in TerminalCheck.objects.select_related("network").order_by("day", "network__code"):
        differences = check.discrepancies.values_list("kind", "txn_id").order_by("txn_id")
        named = ", ".join(f"{kind} {txn_id}" for kind, txn_id in differences)
        say(f"  terminal check {check.day} {check.network.code}: {check.state}{f' ({named})' if named else ''}")


def _money(amount_minor: int) -> str:
    currency = settings.SALDO_CURRENCY
    return f"{minor_to_decimal(amount_minor, digits=currency_digits(currency))} {currency}"


def _verdict(agrees: bool) -> str:  # noqa: FBT001 - one word either way
    return "  (agrees)" if agrees else "  (DOES NOT AGREE)"


def _shown(folder: Path) -> Path:
    return folder.relative_to(settings.BASE_DIR) if folder.is_relative_to(settings.BASE_DIR) else folder
