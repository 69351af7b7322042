"""What accounting calls things: its classes and what of ours is in them, its files' columns, why books differ."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from reconciliation.domain.accounting_maps import read_accounting_map
from reconciliation.models import AccountingClass, AccountingMap, BookCause, ClassSource
from reconciliation.models.accounting import COMPARED, Measure


class SourceTaken(BillingError):
    """Something of ours would be in two classes."""

    default_message = gettext_noop("Another class holds one of these already. Nothing was changed.")
    default_code = "SOURCE_TAKEN"


class SectionMissing(BillingError):
    """Fixed or mobile?"""

    default_message = gettext_noop("Say whether class %(code)s is of fixed or of mobile. Nothing was changed.")
    default_code = "SECTION_MISSING"


@durable
def set_accounting_class(
    *,
    code: str,
    title: str,
    measure: str,
    section: str,
    kinds: Collection[str],
    items: Sequence[str],
    actor: User | None,
) -> AccountingClass:
    """
    Make a class of the accounting ledger, or change it: what it holds, of which kinds of service.

    :param measure: one of ``Measure``; ``section`` one of ``Section``, empty for what is not compared
    :param kinds: of ``BillItem.Kind``; empty: of all kinds alike
    :param items: codes of bill items, tax categories or providers that this class has alone; empty: all others
    :raises SectionMissing: for what is compared, without a section
    :raises SourceTaken: if another class holds one of these
    """
    if measure in COMPARED and not section:
        raise SectionMissing(context={"code": code})
    held, is_new = AccountingClass.objects.update_or_create(
        code=code, defaults={"title": title, "measure": measure, "section": section}
    )
    held.sources.all().delete()
    sources = [
        ClassSource(accounting_class=held, measure=measure, kind=kind, item=item)
        for kind in (sorted(kinds) or [""])
        for item in (items or [""])
    ]
    with constraint_errors({"reconciliation_classsource_one_class": SourceTaken}):
        ClassSource.objects.bulk_create(sources if measure != Measure.NONE else [])
    told = {"code": code, "measure": measure, "section": section, "kinds": sorted(kinds), "items": list(items)}
    record("reconciliation.set_accounting_class", actor=actor, subject=held, changes={**told, "is_new": is_new})
    return held


@durable
def set_accounting_map(
    *, code: str, names: Mapping[str, str], plan: Mapping[str, Any], actor: User | None
) -> AccountingMap:
    """
    Make a column map, or change it.

    :raises AccountingMapRefused: if the map is not usable
    """
    read_accounting_map(plan)
    layout, _is_new = AccountingMap.objects.update_or_create(
        code=code, defaults={"names": dict(names), "plan": dict(plan)}
    )
    record("reconciliation.set_accounting_map", actor=actor, subject=layout, changes={"code": code, "plan": dict(plan)})
    return layout


@durable
def set_book_cause(
    *, code: str, names: Mapping[str, str], position: int, is_active: bool, actor: User | None
) -> BookCause:
    """Make a cause of differences, or change it; one that is not active is offered no more."""
    cause, _is_new = BookCause.objects.update_or_create(
        code=code, defaults={"names": dict(names), "position": position, "is_active": is_active}
    )
    told = {"code": code, "is_active": is_active}
    record("reconciliation.set_book_cause", actor=actor, subject=cause, changes=told)
    return cause
