"""The daily terminal check: our payments against the network's register, every difference a case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Sum

from billing_site.audit.recording import record
from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.periods import midnight_of
from billing_site.db.sql import fetch_sql
from billing_site.db.transactions import durable, transaction_required
from billing_site.identity.models import User
from payments.models import TerminalNetwork
from reconciliation.models import LIVE_STATES, Discrepancy, TerminalCheck, TerminalRegister
from reconciliation.operations.registers import get_network, take_register
from reconciliation.queries.terminal_checks import exchanged_payments, left_out_of_exchange

WAITING = "WAITING"
# How far from its day a payment is looked for in the network's other registers.
DAYS_AROUND = 3


class DayNotOver(BillingError):
    """The day still takes payments."""

    default_message = gettext_noop("%(day)s is not over yet: it can be checked from the next midnight on.")
    default_code = "DAY_NOT_OVER"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOutcome:
    """
    How the check of one network and day ended; amounts in minor units.

    ``state`` is one of ``TerminalCheck.State``, or ``WAITING`` where the register is not due yet (no check then).
    ``differing_count`` are pairs with another amount or account, ``other_day_count`` payments of ours and lines of
    theirs that stand on another day, ``open_count`` cases nobody has resolved.
    """

    network_code: str
    day: date
    state: str
    check_id: int | None = None
    our_count: int = 0
    our_amount_minor: int = 0
    their_count: int = 0
    their_amount_minor: int = 0
    matched_count: int = 0
    only_ours_count: int = 0
    only_theirs_count: int = 0
    differing_count: int = 0
    doubled_count: int = 0
    other_day_count: int = 0
    open_count: int = 0
    is_signed_off: bool = False


@durable
def check_terminals(
    *,
    day: date,
    checked_at: datetime,
    network_code: str | None = None,
    actor: User | None = None,
    is_trial: bool = False,
) -> tuple[CheckOutcome, ...]:
    """
    Check a day of every active network, or of one. Repeating it changes nothing that was resolved or signed off.

    :param day: a day of the operator's zone that is over
    :param checked_at: decides whether a register that is not here is missing or still waited for
    :param is_trial: compare and tell, keep nothing
    :raises DayNotOver: the day still takes payments
    :raises NetworkUnknown: no network has the code
    """
    _refuse_unfinished(day, checked_at)
    networks: Sequence[TerminalNetwork] = (
        [get_network(network_code)]
        if network_code is not None
        else list(TerminalNetwork.objects.filter(is_active=True).order_by("code"))
    )
    outcomes = tuple(_check(network, day=day, checked_at=checked_at, actor=actor) for network in networks)
    if is_trial:
        transaction.set_rollback(True)
    return outcomes


@durable
def check_register(
    *,
    network_code: str,
    day: date,
    name: str,
    content: bytes,
    checked_at: datetime,
    actor: User | None = None,
    expected_count: int | None = None,
    expected_amount: Decimal | None = None,
    is_trial: bool = False,
) -> CheckOutcome:
    """
    Load a register and check its day at once: both or neither.

    :raises DayNotOver: the day still takes payments
    :raises BillingError: what ``load_register`` refuses; nothing is kept then
    """
    _refuse_unfinished(day, checked_at)
    network = get_network(network_code)
    take_register(
        network=network,
        day=day,
        name=name,
        content=content,
        actor=actor,
        expected_count=expected_count,
        expected_amount=expected_amount,
    )
    outcome = _check(network, day=day, checked_at=checked_at, actor=actor)
    if is_trial:
        transaction.set_rollback(True)
    return outcome


def register_due_at(network: TerminalNetwork, *, day: date) -> datetime:
    """Return the instant by which a network's register of a day must be here: a minute of the following day."""
    following = midnight_of(day + timedelta(days=1), zone=operator_zone())
    return following + timedelta(minutes=network.register_due_minute)


def _refuse_unfinished(day: date, checked_at: datetime) -> None:
    if checked_at.astimezone(operator_zone()).date() <= day:
        raise DayNotOver(context={"day": day})


@transaction_required
def _check(network: TerminalNetwork, *, day: date, checked_at: datetime, actor: User | None) -> CheckOutcome:
    register = TerminalRegister.objects.filter(network=network, day=day).first()
    if register is None and checked_at < register_due_at(network, day=day):
        return CheckOutcome(network_code=network.code, day=day, state=WAITING)
    check, before = _locked_check(network, day=day, register=register)
    if check.is_signed_off:
        return outcome_of(check)
    if register is None:
        _count_ours_alone(check)
    else:
        _compare(check, register=register)
    check.checked_at = checked_at
    check.save()
    outcome = outcome_of(check)
    if check.state != before:
        told = {"state": check.state, "open": outcome.open_count, "matched": check.matched_count}
        record("reconciliation.check_terminals", actor=actor, subject=check, changes=told)
        _check_touched_days(check, checked_at=checked_at, actor=actor)
    return outcome


def _check_touched_days(check: TerminalCheck, *, checked_at: datetime, actor: User | None) -> None:
    """Compare the days again whose payments stand in the register that has just come: they are of another day."""
    if check.register_id is None:
        return
    given = {"network_id": check.network_id, "day": check.day, "register_id": check.register_id, "around": DAYS_AROUND}
    for (day,) in fetch_sql("reconciliation", "days_touched_by_register", given):
        _check(check.network, day=day, checked_at=checked_at, actor=actor)


def _locked_check(
    network: TerminalNetwork, *, day: date, register: TerminalRegister | None
) -> tuple[TerminalCheck, str | None]:
    """Return the check's row, locked, and the state it had; none if it was made just now."""
    of_the_day = TerminalCheck.objects.filter(network=network, day=day)
    before = of_the_day.values_list("state", flat=True).first()
    state = TerminalCheck.State.MISSING if register is None else TerminalCheck.State.DIFFERENT
    new = TerminalCheck(network=network, day=day, register=register, state=state)
    TerminalCheck.objects.bulk_create([new], ignore_conflicts=True)
    return of_the_day.select_for_update(of=("self",), no_key=True).select_related("network").get(), before


def _count_ours_alone(check: TerminalCheck) -> None:
    """Without a register there is nothing to compare: our list stands alone, and no case is made of it."""
    found = exchanged_payments(network_id=check.network_id, day=check.day).aggregate(
        count=Count("id"), minor=Sum("amount_minor")
    )
    check.state = TerminalCheck.State.MISSING
    check.our_count = check.only_ours_count = found["count"]
    check.our_amount_minor = check.only_ours_amount_minor = found["minor"] or 0


def _compare(check: TerminalCheck, *, register: TerminalRegister) -> None:
    """Name every line of both lists, keep the differences, and count them into the check."""
    check.register = register
    asked = {
        "check_id": check.pk,
        "network_id": check.network_id,
        "network_code": check.network.code,
        "day": check.day,
        "register_id": register.pk,
        "copies": register.copies,
        "left_out": left_out_of_exchange(network_id=check.network_id, day=check.day),
    }
    ((pair_count, our_minor, differing),) = fetch_sql("reconciliation", "compare_terminal_day", asked)
    payments, lines = zip(*differing, strict=True) if differing else ((), ())
    pairs = {"payments": list(payments), "lines": list(lines), "neighbours": _neighbours_of(register)}
    rows = fetch_sql("reconciliation", "check_terminal_day", {**asked, **pairs})
    groups = {kind: _Group(*map(int, figures)) for kind, *figures in rows}
    _count_groups(check, groups, matched_count=pair_count - len(payments), our_minor=our_minor)
    check.state = TerminalCheck.State.DIFFERENT if groups else TerminalCheck.State.AGREED


def _neighbours_of(register: TerminalRegister) -> list[int]:
    """Return the registers in which a payment of the day may stand instead."""
    around = timedelta(days=DAYS_AROUND)
    days = TerminalRegister.objects.filter(day__gte=register.day - around, day__lte=register.day + around)
    return list(days.filter(network_id=register.network_id).exclude(pk=register.pk).values_list("pk", flat=True))


class _Group(NamedTuple):
    """Payments and register lines of one group, with their sums in minor units."""

    our_count: int = 0
    our_minor: int = 0
    their_count: int = 0
    their_minor: int = 0

    def with_group(self, other: "_Group") -> "_Group":
        """Return both groups as one."""
        return _Group(*(mine + its for mine, its in zip(self, other, strict=True)))


def _count_groups(check: TerminalCheck, groups: Mapping[str, _Group], *, matched_count: int, our_minor: int) -> None:
    """
    Put the figures of the groups into the check.

    What agrees follows from our list; the table's constraints prove that it makes the network's list whole as well.
    """
    assert check.register is not None
    kinds = Discrepancy.Kind
    none = _Group()
    differing = groups.get(kinds.AMOUNT_DIFFERS, none).with_group(groups.get(kinds.ACCOUNT_DIFFERS, none))
    only_ours, only_theirs = groups.get(kinds.ONLY_OURS, none), groups.get(kinds.ONLY_THEIRS, none)
    doubled, other_day = groups.get(kinds.DOUBLED, none), groups.get(kinds.OTHER_DAY, none)
    check.our_count = matched_count + sum(group.our_count for group in groups.values())
    check.our_amount_minor = our_minor
    check.their_count, check.their_amount_minor = check.register.line_count, check.register.amount_minor
    check.matched_count = matched_count
    check.matched_amount_minor = our_minor - sum(group.our_minor for group in groups.values())
    check.only_ours_count, check.only_ours_amount_minor = only_ours.our_count, only_ours.our_minor
    check.only_theirs_count, check.only_theirs_amount_minor = only_theirs.their_count, only_theirs.their_minor
    check.differing_count = differing.our_count
    check.differing_our_amount_minor, check.differing_their_amount_minor = differing.our_minor, differing.their_minor
    check.doubled_count, check.doubled_amount_minor = doubled.their_count, doubled.their_minor
    check.other_day_our_count, check.other_day_our_amount_minor = other_day.our_count, other_day.our_minor
    check.other_day_their_count, check.other_day_their_amount_minor = other_day.their_count, other_day.their_minor


def outcome_of(check: TerminalCheck) -> CheckOutcome:
    """Return a check as it stands, with the cases still open."""
    return CheckOutcome(
        network_code=check.network.code,
        day=check.day,
        state=check.state,
        check_id=check.pk,
        our_count=check.our_count,
        our_amount_minor=check.our_amount_minor,
        their_count=check.their_count,
        their_amount_minor=check.their_amount_minor,
        matched_count=check.matched_count,
        only_ours_count=check.only_ours_count,
        only_theirs_count=check.only_theirs_count,
        differing_count=check.differing_count,
        doubled_count=check.doubled_count,
        other_day_count=check.other_day_our_count + check.other_day_their_count,
        open_count=check.discrepancies.filter(state__in=LIVE_STATES).count(),
        is_signed_off=check.is_signed_off,
    )
