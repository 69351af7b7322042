"""Commission of agents: by agent and month, from the books' own postings of payments and reversals."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from billing_site.core.periods import DatePeriod
from billing_site.db.sql import fetch_sql
from billing_site.ledger.models import LedgerAccount
from payments.domain.commission import Share, commission_of
from payments.models import CommissionRate, TerminalNetwork


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCommission:
    """An agent in some days: amounts in minor units of its account's currency."""

    agent_id: int
    name: str
    currency: str
    payment_count: int
    shares: Sequence[Share]

    @property
    def received_minor(self) -> int:
        """What it took."""
        return sum(share.received_minor for share in self.shares)

    @property
    def reversed_minor(self) -> int:
        """What of it, now or before, was taken back in these days."""
        return sum(share.reversed_minor for share in self.shares)

    @property
    def base_minor(self) -> int:
        """What the commission is of."""
        return self.received_minor - self.reversed_minor

    @property
    def commission_minor(self) -> int:
        """What it gets."""
        return commission_of(self.shares)

    @property
    def rates(self) -> str:
        """Its rates of these days, in percent, in their order; empty where none was set."""
        found = [f"{share.percent.normalize():f}" for share in self.shares if share.percent is not None]
        return " · ".join(dict.fromkeys(found))


def commissions_of(days: DatePeriod) -> list[AgentCommission]:
    """Return the commission of every agent that ever had a rate, for days with an end, in the order of their names."""
    rows = fetch_sql("payments", "sum_commissions", {"first": days.start, "until": days.until})
    shares: dict[int, list[Share]] = {}
    counts: dict[int, int] = {}
    for agent_id, _name, percent, count, received_minor, reversed_minor in rows:
        share = Share(percent=percent, received_minor=received_minor, reversed_minor=reversed_minor)
        shares.setdefault(agent_id, []).append(share)
        counts[agent_id] = counts.get(agent_id, 0) + count
    names = dict(CommissionRate.objects.order_by("agent_id", "pk").values_list("agent_id", "name"))
    currencies = dict(LedgerAccount.objects.filter(pk__in=names).values_list("pk", "currency"))
    found = [
        AgentCommission(
            agent_id=agent_id,
            name=name,
            currency=currencies[agent_id],
            payment_count=counts.get(agent_id, 0),
            shares=tuple(shares.get(agent_id, ())),
        )
        for agent_id, name in names.items()
    ]
    return sorted(found, key=lambda one: (one.name, one.agent_id))


def commission_rates() -> QuerySet[CommissionRate]:
    """Return all rates with their agents' accounts, to be ordered by ``-id``."""
    return CommissionRate.objects.select_related("agent", "set_by")


def find_rate(rate_id: int) -> CommissionRate | None:
    """Return a rate, or ``None``."""
    return commission_rates().filter(pk=rate_id).first()


def agents() -> dict[int, str]:
    """Return who may be an agent: accounts of money on its way, by id, with the network's name or their own code."""
    networks = dict(TerminalNetwork.objects.values_list("clearing_account_id", "name"))
    rows = LedgerAccount.objects.filter(kind=LedgerAccount.Kind.CLEARING).order_by("code")
    return {pk: networks.get(pk, code) for pk, code in rows.values_list("pk", "code")}
