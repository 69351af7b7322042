"""Rated records: those behind a line of a bill, and the reasons for the price of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from billing_site.core.messages import Message, gettext_noop
from billing_site.core.money import micro_to_decimal
from billing_site.core.quantities import Unit
from rating.domain.allowances import price_rest
from rating.domain.charges import Charge, Counter
from rating.domain.explanations import ALLOWANCE_MONEY, ALLOWANCE_UNITS, COVERED, TOTAL, explain
from rating.domain.services import SERVICES_BY_CODE
from rating.models import RatedUsage, SetAsideLine, UsageFile
from subscribers.models import Account, NumberAssignment
from tariffs.domain.allowances import AllowanceUnit
from tariffs.domain.price_book import PlanPrices
from tariffs.models import Allowance, BillItem, PlanVersion, Rate, Zone
from tariffs.queries.price_books import get_version_prices

TAKES_BACK = gettext_noop(
    "It takes back the rating before it, %(amount)s: that one counts no more, and the bill is less by as much."
)
TAKES_BACK_NOTHING = gettext_noop("It takes back %(amount)s, but the rating before it is another: an error to report.")
WHOLE_SESSION = gettext_noop(
    "The end of this session was reported after its last report had been charged. This is the charge of the whole"
    " session; what was charged before is taken back, so that only the rest is added."
)
DIFFERS = gettext_noop("The record says %(amount)s: it was priced by rules that are not those of today's price book.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnd:
    """Where the end of a session was reported."""

    file: UsageFile
    line_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRecord:
    """A record with the names of what priced it and the sentences that lead to its amount."""

    record: RatedUsage
    file: UsageFile
    plan_names: dict[str, str]
    plan_code: str
    plan_version: int
    rate_code: str
    zone_names: dict[str, str]
    zone_code: str
    bill_item_names: dict[str, str]
    allowance_names: dict[str, str] | None
    sentences: tuple[Message, ...]
    agrees: bool
    end: SessionEnd | None = None


def records_of_line(
    *, subscription_id: int, bill_period: date, bill_item_id: int, corrects: date | None = None
) -> QuerySet[RatedUsage]:
    """
    Return the records that a usage line of a bill charges, in order of time.

    :param corrects: of a correction: the first day of the period that it corrects
    """
    return RatedUsage.objects.filter(
        subscription_id=subscription_id, bill_period=bill_period, bill_item_id=bill_item_id, corrects=corrects
    ).order_by("start_at", "duplicate_key", "revision")


def records_of_file(*, file: UsageFile, number: str) -> QuerySet[RatedUsage]:
    """
    Return the records of a file that a number's holders made, in order of time.

    By number, because records are kept by subscription: a whole file is never looked through.

    :param number: digits with the country code, as records keep them
    """
    holders = NumberAssignment.objects.filter(number=number).values("subscription_id")
    return RatedUsage.objects.filter(
        subscription_id__in=holders,
        start_at__gte=file.first_start_at,
        start_at__lte=file.last_start_at,
        file_id=file.pk,
    ).order_by("start_at", "duplicate_key", "revision")


def find_record(
    *, subscription_id: int, start_at: datetime, duplicate_key: int, revision: int = 0
) -> RatedUsage | None:
    """Return one record by its key, or ``None``."""
    return RatedUsage.objects.filter(
        subscription_id=subscription_id, start_at=start_at, duplicate_key=duplicate_key, revision=revision
    ).first()


def explain_record(record: RatedUsage) -> ExplainedRecord:
    """
    Return why a record costs what it costs: priced again by the core, with what its row says of allowances.

    Published price lists never change, so the price comes out again; ``agrees`` says so.
    """
    version = PlanVersion.objects.select_related("plan").get(pk=record.plan_version_id)
    zone = Zone.objects.get(pk=record.zone_id)
    allowance = Allowance.objects.filter(pk=record.allowance_id).first() if record.allowance_id else None
    sentences, agrees = _taken_back(record) if record.revision & 1 else _priced(record, allowance)
    end = _end_of_session(record)
    if end is not None:
        sentences = (Message(msgid=WHOLE_SESSION), *sentences)
    return ExplainedRecord(
        record=record,
        file=UsageFile.objects.select_related("source").get(pk=record.file_id),
        plan_names=version.plan.names,
        plan_code=version.plan.code,
        plan_version=version.number,
        rate_code=Rate.objects.get(pk=record.rate_id).code if record.rate_id else "",
        zone_names=zone.names,
        zone_code=zone.code,
        bill_item_names=BillItem.objects.get(pk=record.bill_item_id).names,
        allowance_names=allowance.names if allowance else None,
        sentences=sentences,
        agrees=agrees,
        end=end,
    )


def _end_of_session(record: RatedUsage) -> SessionEnd | None:
    """Return where the end stands of a session that is charged whole after its last report was."""
    if not record.revision or record.revision & 1:
        return None
    line = SetAsideLine.objects.filter(file_id=record.file_id, line_number=record.line_number).first()
    said = line.detail.get("end") if line else None
    if said is None or (said["seconds"], said["bytes"]) != (record.duration_seconds, record.volume_bytes):
        return None
    return SessionEnd(file=UsageFile.objects.get(pk=said["file"]), line_number=int(said["line"]))


def _charge_again(record: RatedUsage, prices: PlanPrices) -> Charge:
    """Price a record as it was priced: by its version, for its account's category, after what the period had used."""
    service = SERVICES_BY_CODE[record.service]
    unit = prices.unit_for(zone_id=record.zone_id, candidates=service.candidate_units)
    return price_rest(
        prices=prices,
        zone_id=record.zone_id,
        unit=unit,
        started_at=record.start_at,
        quantity=quantity_of(record, unit),
        drawn=record.allowance_units,
        counter=Counter(record.units_before or 0, record.events_before or 0),
    )


def quantity_of(record: RatedUsage, unit: Unit) -> int:
    """Return how much of a unit a record is."""
    quantities = {
        Unit.SECONDS: record.duration_seconds,
        Unit.BYTES: record.volume_bytes,
        Unit.MONEY: record.third_party_micro,
        # Of events a record that is charged or drawn from an allowance is one.
        Unit.EVENTS: min(1, record.charged_units + record.allowance_units),
    }
    return quantities[unit]


def _prices_of(record: RatedUsage, prices: PlanPrices, category: str) -> PlanPrices:
    """Return, of a version's prices, those of the account's category, if the record's rate is among them."""
    known = (prices.for_category(category), *prices.variants())
    return next((one for one in known if record.rate_id in {rate.rate_id for rate in one.rates.values()}), prices)


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedAgain:
    """The charge for what no allowance of units covered, what an allowance of money paid of it, and whether it fits."""

    charge: Charge
    paid_micro: int
    agrees: bool


def price_again(record: RatedUsage) -> PricedAgain:
    """
    Return what the core makes of a record's usage, by the record's own plan version.

    :raises NoPrice: if it has no rate for the record's zone
    """
    return price_all_again([record])[0]


def price_all_again(records: Sequence[RatedUsage]) -> list[PricedAgain]:
    """
    Return what the core makes of each record's usage, by its own plan version; every version is read once.

    :raises NoPrice: if a version has no rate for a record's zone
    """
    versions = {one: get_version_prices(one) for one in {record.plan_version_id for record in records}}
    accounts = Account.objects.filter(pk__in={record.account_id for record in records})
    categories = dict(accounts.values_list("pk", "category"))
    return [
        _again(record, _prices_of(record, versions[record.plan_version_id], categories[record.account_id]))
        for record in records
    ]


def _again(record: RatedUsage, prices: PlanPrices) -> PricedAgain:
    charge = _charge_again(record, prices)
    paid_micro = charge.amount_micro - record.amount_micro
    agrees = paid_micro == 0 or (paid_micro > 0 and record.allowance_id is not None)
    return PricedAgain(charge=charge, paid_micro=paid_micro, agrees=agrees)


def _priced(record: RatedUsage, allowance: Allowance | None) -> tuple[tuple[Message, ...], bool]:
    """Price a record again; return the sentences that lead to its amount, and whether the price came out again."""
    again = price_again(record)
    return _sentences(record, again.charge, allowance, again.paid_micro if again.agrees else None), again.agrees


def _taken_back(record: RatedUsage) -> tuple[tuple[Message, ...], bool]:
    """Say what a reversal takes back, and whether that is the rating before it."""
    before = find_record(
        subscription_id=record.subscription_id,
        start_at=record.start_at,
        duplicate_key=record.duplicate_key,
        revision=record.revision - 1,
    )
    agrees = before is not None and before.amount_micro == -record.amount_micro
    amount = micro_to_decimal(-record.amount_micro)
    return (Message(msgid=TAKES_BACK if agrees else TAKES_BACK_NOTHING, params={"amount": amount}),), agrees


def _sentences(
    record: RatedUsage, charge: Charge, allowance: Allowance | None, paid_micro: int | None
) -> tuple[Message, ...]:
    """Say what the allowance gave, what the rest costs and what is to be paid."""
    found: list[Message] = []
    name = allowance.code if allowance else ""
    if record.allowance_units:
        found.append(
            Message(
                msgid=ALLOWANCE_UNITS[AllowanceUnit(charge.unit.value)],
                params={"quantity": record.allowance_units, "allowance": name},
            )
        )
    if record.allowance_units and not charge.units:
        found.append(Message(msgid=COVERED))
    else:
        found.extend(explain(charge))
    amount = micro_to_decimal(record.amount_micro)
    if paid_micro is None:
        found.append(Message(msgid=DIFFERS, params={"amount": amount}))
    elif paid_micro:
        found.append(Message(msgid=ALLOWANCE_MONEY, params={"amount": micro_to_decimal(paid_micro), "allowance": name}))
    if record.allowance_units or paid_micro:
        found.append(Message(msgid=TOTAL, params={"amount": amount}))
    return tuple(found)
