"""The worker of the till's bench: makes a hall, and serves its payers through the pages."""

import json
import re
import resource
import statistics
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

KIB_PER_MIB = 1024
ALLOWED_MS = 400
BILLS = 2
BILL_MINOR = 4_000
HUNDRED = 100
TILL = "/payments/till/"
HIDDEN = re.compile(r'<input type="(?:hidden|text)" name="(\w+)" value="([^"]*)"')


def main(receipts: int, accounts: int) -> None:
    """Do it, and answer with one line of JSON."""
    django.setup()
    # Models may be imported only once the registry is ready.
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    client, numbers = make_hall(accounts=max(accounts, receipts))
    finding, taking = [], []
    step = max(1, len(numbers) // receipts)
    for number in numbers[::step][:receipts]:
        page, found_ms = timed(client, "get", {"q": number})
        answer, taken_ms = timed(client, "post", {**form_of(page), "received": "10000"})
        assert answer.status_code == 302, answer.content[:500]
        finding.append(found_ms)
        taking.append(taken_ms)
    page, _ = timed(client, "get", {"q": numbers[0]})
    with CaptureQueriesContext(connection) as asked:
        timed(client, "post", {**form_of(page), "amount_1": "100"})
    report = {
        "median_ms": statistics.median(taking),
        "p99_ms": percentile(taking, 99),
        "find_median_ms": statistics.median(finding),
        "find_p99_ms": percentile(finding, 99),
        "queries": len(asked),
        "ratio": percentile(taking, 99) / ALLOWED_MS,
        "rows_per_second": len(taking) * 1000 / sum(taking),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KIB_PER_MIB,
        "phases": {"find": sum(finding) / 1000, "take": sum(taking) / 1000},
        "receipts": len(taking),
        "accounts": len(numbers),
    }
    sys.stdout.write(json.dumps(report) + "\n")


def timed(client: "Client", way: str, data: dict[str, str]) -> "tuple[HttpResponse, float]":
    """Ask the till's page and return the answer and how long it took, in milliseconds."""
    begun = time.perf_counter()
    answer = getattr(client, way)(TILL, data)
    return answer, (time.perf_counter() - begun) * 1000


def form_of(page: Any) -> dict[str, str]:
    """Return what the form of a page would send."""
    html = page.content.decode()
    return dict(HIDDEN.findall(html[html.index('id="take"') :]))


def percentile(values: list[float], share: int) -> float:
    """Return the value below which a share of a hundred lies."""
    return sorted(values)[min(len(values) - 1, len(values) * share // HUNDRED)]


def make_hall(*, accounts: int) -> "tuple[Client, list[str]]":
    """Make a centre with an open till and accounts with open bills; return its clerk's browser and the numbers."""
    from django.conf import settings  # noqa: PLC0415 - see main
    from django.test import Client  # noqa: PLC0415

    from billing_site.core import clock  # noqa: PLC0415
    from billing_site.identity.roles import Role  # noqa: PLC0415
    from billing_site.identity.staff import (  # noqa: PLC0415
        create_department,
        create_service_centre,
        create_staff,
    )
    from payments.operations.till_sessions import open_till_session  # noqa: PLC0415
    from payments.operations.tills import create_till  # noqa: PLC0415

    settings.ALLOWED_HOSTS = ["testserver"]
    department = create_department(code="D1", names={"en": "North"})
    centre = create_service_centre(code="HALL-1", department_id=department.pk, names={"en": "Hall"})
    clerk = create_staff(
        username="clerk", full_name="Clerk", role=Role.CLERK, password=None, language="en", centre_id=centre.pk
    )
    till = create_till(code="T1", name="T1", centre_id=centre.pk, actor=clerk)
    open_till_session(till_id=till.pk, float_minor=0, opened_at=clock.now(), actor=clerk)
    numbers = make_payers(centre.pk, accounts)
    client = Client()
    client.force_login(clerk, backend="billing_site.identity.backends.RoleBackend")
    return client, numbers


def make_payers(centre_id: int, count: int) -> list[str]:
    """Make accounts with open bills, posted to the books; return their numbers."""
    from billing_site.core import clock  # noqa: PLC0415 - see main
    from billing_site.core.checkdigits import with_check_digit  # noqa: PLC0415
    from billing_site.ledger.models import LedgerAccount  # noqa: PLC0415
    from subscribers.models import Account, Subscriber  # noqa: PLC0415
    from subscribers.operations.accounts import create_bill_cycle  # noqa: PLC0415

    today = clock.today()
    cycle = create_bill_cycle(code="M1", names={"en": "M"}, bill_day=1, open_from=today, months=1, actor=None)
    numbers = [with_check_digit(f"{n:08d}") for n in range(1, count + 1)]
    books = LedgerAccount.objects.bulk_create(
        [LedgerAccount(code=f"SUB:{number}", kind="SUBSCRIBER", currency="AMD") for number in numbers], batch_size=5000
    )
    people = Subscriber.objects.bulk_create(
        [
            Subscriber(kind="PERSON", name=f"Payer {number}", search_key=f"payer {number}", language="hy")
            for number in numbers
        ],
        batch_size=5000,
    )
    made = Account.objects.bulk_create(
        [
            Account(
                number=number,
                subscriber=person,
                centre_id=centre_id,
                cycle=cycle,
                currency="AMD",
                ledger_account=book,
                opened_on=today - timedelta(days=400),
            )
            for number, person, book in zip(numbers, people, books, strict=True)
        ],
        batch_size=5000,
    )
    make_bills(made)
    return numbers


def make_bills(accounts: "list[Any]") -> None:
    """Post open bills of accounts."""
    from django.db import transaction  # noqa: PLC0415 - see main
    from django.db.models import CharField, Value  # noqa: PLC0415
    from django.db.models.functions import Cast, Concat  # noqa: PLC0415

    from billing_site.core import clock  # noqa: PLC0415
    from billing_site.ledger.models import LedgerAccount  # noqa: PLC0415
    from billing_site.ledger.posting import NewEntry, Pair, open_accounts, post_entries  # noqa: PLC0415
    from invoicing.models import Invoice  # noqa: PLC0415

    today = clock.today()
    plan = [(account, n) for account in accounts for n in range(BILLS)]
    Invoice.objects.bulk_create(
        [
            Invoice(
                run_id=1,
                account_id=account.pk,
                period_from=today - timedelta(days=30 * (n + 1)),
                period_until=today - timedelta(days=30 * n),
                issued_on=today,
                due_on=today + timedelta(days=10 - n),
                currency="AMD",
                currency_digits=0,
                language="hy",
                net_minor=BILL_MINOR,
                tax_minor=0,
                gross_minor=BILL_MINOR,
            )
            for account, n in plan
        ],
        batch_size=5000,
    )
    # A bill begins as a draft.
    Invoice.objects.update(state="POSTED", number=Concat(Value("INV-"), Cast("id", CharField())))
    with transaction.atomic():
        income = open_accounts(codes=["REVENUE:BENCH"], kind=LedgerAccount.Kind.REVENUE, currency="AMD")
        post_entries(
            [
                NewEntry(
                    source_type="INVOICE",
                    source_id=f"{account.number}-{n}",
                    posted_on=today,
                    actor="bench",
                    currency="AMD",
                    pairs=[Pair(account.ledger_account_id, income["REVENUE:BENCH"], BILL_MINOR)],
                )
                for account, n in plan
            ]
        )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
