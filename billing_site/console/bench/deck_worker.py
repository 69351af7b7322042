"""The worker of the deck bench: makes a plan, previews, loads and publishes a deck, and says what each took."""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import django

ON = date(2026, 3, 5)
AT = datetime(2026, 3, 5, tzinfo=UTC)


def main(as_csv: str, as_xlsx: str) -> None:
    """Do it, and answer with one line of JSON."""
    django.setup()
    answer = lead_into_force(Path(as_csv).read_bytes(), Path(as_xlsx).read_bytes())
    sys.stdout.write(json.dumps(answer) + "\n")


def lead_into_force(as_csv: bytes, as_xlsx: bytes) -> dict[str, Any]:
    """Preview both forms of a deck, load one of them and publish its version."""
    # Models may be imported only once the registry is ready.
    from tariffs.models import PlanVersion  # noqa: PLC0415
    from tariffs.operations.deck_preview import DeckInput, preview_deck  # noqa: PLC0415
    from tariffs.operations.plans import publish_plan_version  # noqa: PLC0415
    from tariffs.operations.rate_decks import load_rate_deck  # noqa: PLC0415

    version, maker, approver = make_draft()
    taken: dict[str, Any] = {}
    deck = DeckInput(content=as_csv, name="deck.csv", decimal_mark=".", usage_category_code="ABROAD")
    book = DeckInput(content=as_xlsx, name="deck.xlsx", decimal_mark=".", usage_category_code="ABROAD")
    _timed(taken, "preview_csv", lambda: preview_deck(version=version, deck=deck, today=ON))
    _timed(taken, "preview_xlsx", lambda: preview_deck(version=version, deck=book, today=ON))
    load = {"version_id": version.pk, "seen_revision": 0, "today": ON, "loaded_at": AT, "actor": maker}
    _timed(taken, "load", lambda: load_rate_deck(deck=book, **load))
    PlanVersion.objects.filter(pk=version.pk).update(state="SUBMITTED", submitted_by=maker, submitted_at=AT)
    publish = {"version_id": version.pk, "published_at": AT, "actor": approver}
    _timed(taken, "publish", lambda: publish_plan_version(**publish))
    return taken


def make_draft() -> tuple[Any, Any, Any]:
    """Make a draft of a plan, who makes it, and who approves it."""
    from django.conf import settings  # noqa: PLC0415 - see above

    from billing_site.identity.models import User  # noqa: PLC0415
    from tariffs.operations.bill_items import create_bill_item, create_tax_category, set_tax_rate  # noqa: PLC0415
    from tariffs.operations.calendars import create_window_scheme  # noqa: PLC0415
    from tariffs.operations.draft_inputs import NewPrice  # noqa: PLC0415
    from tariffs.operations.plans import VersionDraft, create_plan, draft_plan_version  # noqa: PLC0415
    from tariffs.operations.usage_categories import create_usage_category  # noqa: PLC0415

    people = [
        User.objects.create(username=f"bench.{role}", full_name=role, role=role, language="en")
        for role in ("BILLING_SPECIALIST", "TARIFF_APPROVER")
    ]
    names = {"en": "Bench"}
    create_tax_category(code="STANDARD", names=names, actor=None)
    set_tax_rate(category_code="STANDARD", percent=Decimal(20), valid_from=date(2020, 1, 1), actor=None)
    create_bill_item(code="CALLS", kind="FIXED", names=names, tax_category_code="STANDARD", actor=None)
    create_usage_category(code="ABROAD", names=names, bill_item_code="CALLS", actor=None)
    create_window_scheme(code="ALWAYS", names=names, windows=(), actor=None)
    plan = create_plan(code="BENCH", kind="FIXED", names=names, actor=None)
    fee = NewPrice(bill_item_code="CALLS", names=names, amount=Decimal(1000))
    draft = VersionDraft(
        valid_from=date(2026, 4, 1), window_scheme_code="ALWAYS", currency=settings.SALDO_CURRENCY, prices=[fee]
    )
    return draft_plan_version(plan_id=plan.pk, draft=draft, actor=people[0]), people[0], people[1]


def _timed(taken: dict[str, Any], name: str, work: Callable[[], object]) -> None:
    from django.db import connection  # noqa: PLC0415 - see above

    from billing_site.console.bench.processor_time import backend_seconds  # noqa: PLC0415

    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    begun, busy = time.monotonic(), time.process_time() + backend_seconds(backend)
    work()
    taken[name] = time.monotonic() - begun
    computed = time.process_time() + backend_seconds(backend) - busy
    taken.setdefault("processor_seconds", {})[name] = computed


if __name__ == "__main__":
    main(*sys.argv[1:])
