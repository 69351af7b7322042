"""Every report there is, by its code and in the order in which the report centre lists them."""

from collections.abc import Mapping

from billing_site.identity.models import User
from reports.domain.definition import Definition
from reports.queries.bad_debts import BAD_DEBTS
from reports.queries.debt_ages import DEBT_AGES
from reports.queries.lines import CUSTOMERS, LINE_MOVEMENTS, LINE_REASONS, LINES_BY_MONTH
from reports.queries.money_reports import (
    COLLECTION,
    COLLECTION_BY_AGENT,
    DEBTS_BY_MONTH,
    REVENUE_BY_ACCOUNT,
    REVENUE_BY_MONTH,
    SETTLEMENTS,
)
from reports.queries.quality import ERROR_RATE, NON_STANDARD
from reports.queries.staff_use import STAFF_USE, STAFF_USE_BY_CENTRE
from reports.queries.traffic import KEY_ACCOUNTS, TRAFFIC, TRAFFIC_BY_MONTH

REPORTS: Mapping[str, Definition] = {
    one.code: one
    for one in (
        LINE_MOVEMENTS,
        LINE_REASONS,
        CUSTOMERS,
        STAFF_USE,
        STAFF_USE_BY_CENTRE,
        LINES_BY_MONTH,
        COLLECTION,
        COLLECTION_BY_AGENT,
        SETTLEMENTS,
        BAD_DEBTS,
        REVENUE_BY_MONTH,
        REVENUE_BY_ACCOUNT,
        DEBTS_BY_MONTH,
        DEBT_AGES,
        TRAFFIC,
        KEY_ACCOUNTS,
        TRAFFIC_BY_MONTH,
        NON_STANDARD,
        ERROR_RATE,
    )
}


def department_of(user: User) -> int | None:
    """Return the department whose figures alone a person sees; ``None`` for who sits in no service centre."""
    return None if user.centre is None else user.centre.department_id


def may_read(user: User, report: Definition) -> bool:
    """Say whether a person may read a report: by his verbs, and by his department where it is of the whole network."""
    return user.may(report.permission) and (report.is_by_department or department_of(user) is None)


def reports_for(user: User) -> tuple[Definition, ...]:
    """Return the reports that a person may read, in the order of the report centre."""
    return tuple(one for one in REPORTS.values() if may_read(user, one))
