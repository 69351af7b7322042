"""Reading the accounting ledger's files and classes."""

from datetime import date

from django.db.models import QuerySet, Sum

from reconciliation.models import AccountingClass, AccountingFile, AccountingMap, AccountingTotal
from subscribers.models import Account

# Comparing so many accounts takes about a second.
LARGE_BOOKS = 20_000


def accounting_files() -> QuerySet[AccountingFile]:
    """Return all files with who loaded them and the sum of their closing balances."""
    return AccountingFile.objects.select_related("loaded_by", "layout").annotate(
        debit_sum=Sum("totals__debit_minor"), credit_sum=Sum("totals__credit_minor")
    )


def totals_of_days(*, first_on: date, last_on: date) -> list[AccountingTotal]:
    """Return what the files of some days say of each class in all: of a class that is in several, the latest file."""
    totals = AccountingTotal.objects.filter(file__first_on=first_on, file__last_on=last_on)
    latest = totals.order_by("accounting_class_id", "-file_id").distinct("accounting_class_id")
    return list(latest.select_related("accounting_class", "file"))


def are_books_large(*, first_on: date, last_on: date) -> bool:
    """Say whether comparing some days is too much for a request: so many accounts of ours, or lines of theirs."""
    lines = sum(total.line_count for total in totals_of_days(first_on=first_on, last_on=last_on))
    return max(lines, Account.objects.all()[: LARGE_BOOKS + 1].count()) > LARGE_BOOKS


def accounting_classes() -> QuerySet[AccountingClass]:
    """Return the classes with what of ours is in them, in the order of their codes."""
    return AccountingClass.objects.prefetch_related("sources").order_by("code")


def accounting_maps() -> QuerySet[AccountingMap]:
    """Return the column maps, by code."""
    return AccountingMap.objects.order_by("code")


def days_of_files() -> list[tuple[date, date]]:
    """Return the days (first, last) for which files are loaded, the latest first."""
    days = AccountingFile.objects.order_by("-last_on", "-first_on").values_list("first_on", "last_on").distinct()
    return list(days)
