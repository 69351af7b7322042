"""Running the worked examples of a draft, and taking examples from what subscribers really used."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import Message, gettext_noop
from billing_site.core.money import micro_to_decimal
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from rating.models import RatedUsage
from rating.queries.test_calls import price_test_calls
from rating.queries.zone_calls import sample_records
from tariffs.operations.lifecycle import lock_draft, named
from tariffs.operations.reading_drafts import digest_of_contents
from tariffs.operations.test_calls import ExampleResult, NewTestCall, add_test_calls, store_test_results

MAX_TAKEN = 200


class NoRecordsToTake(BillingError):
    """Nobody used the plan in that month."""

    default_message = gettext_noop(
        "Nobody used plan %(plan)s between %(first)s and %(until)s: there is nothing to take."
    )
    default_code = "NO_RECORDS_TO_TAKE"


@durable
def run_test_calls(*, version_id: int, run_at: datetime, actor: User | None) -> int:
    """
    Price the worked examples of a draft and keep what came out; return how many are green.

    :raises VersionNotDraft: if it is no draft: its results stay as they were submitted
    """
    version = lock_draft(version_id=version_id)
    priced = price_test_calls(version)
    results = [
        ExampleResult(call_id=one.call.pk, got_micro=one.got_micro, trace=[_stored(line) for line in one.sentences])
        for one in priced
    ]
    green = store_test_results(results=results, contents_digest=digest_of_contents(version), run_at=run_at, actor=actor)
    changes = {**named(version), "green": green, "examples": len(results)}
    record("rating.run_test_calls", actor=actor, subject=version, changes=changes)
    return green


@durable
def take_test_calls(*, version_id: int, first: date, until: date, count: int, actor: User) -> int:
    """
    Take real records of the plan's subscribers as worked examples: spread over zones, each with what it was charged.

    Where the draft changes a price, the expected amount is then corrected by a person.

    :param until: the day after the last
    :param count: how many at most, 200 at the utmost
    :raises NoRecordsToTake: if the plan was not used on these days
    :raises VersionNotDraft: if it is no draft
    """
    version = lock_draft(version_id=version_id)
    found = sample_records(plan_id=version.plan_id, first=first, until=until, count=min(count, MAX_TAKEN))
    if not found:
        raise NoRecordsToTake(context={"plan": version.plan.code, "first": first, "until": until})
    add_test_calls(version=version, calls=[_example(row) for row in found])
    changes = {**named(version), "examples": len(found)}
    record("rating.take_test_calls", actor=actor, subject=version, changes=changes)
    return len(found)


def _example(row: RatedUsage) -> NewTestCall:
    return NewTestCall(
        started_at=row.start_at.astimezone(UTC),
        quantity=row.duration_seconds,
        expected=micro_to_decimal(row.amount_micro),
        called=f"+{row.called}" if not row.called.startswith("0") else row.called.removeprefix("0"),
        note=f"{row.file_id}/{row.line_number}",
    )


def _stored(line: Message) -> dict[str, Any]:
    """Return a sentence as the row keeps it: numbers as they are, amounts as text."""
    params = {
        name: value if isinstance(value, int | str) or value is None else str(value)
        for name, value in line.params.items()
    }
    kinds = [name for name, value in line.params.items() if isinstance(value, Decimal)]
    return {"msgid": line.msgid, "params": params, "amounts": kinds}
