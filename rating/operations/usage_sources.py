"""Sources of usage: how their files look is data, kept with its history in the audit."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.db.constraints import constraint_errors
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from rating.models import UsageSource
from rating.queries.sources import declared_form

MINUTES_PER_TWO_DAYS = 2 * 24 * 60
KEPT = (
    "name",
    "dialect",
    "column_map",
    "encoding",
    "time_zone",
    "day_tolerance",
    "breaker_percent",
    "expected_by_minute",
    "is_active",
)


class SourceCodeTaken(BillingError):
    """Another source has the code."""

    default_message = _("There is a source %(code)s already. Choose another code.")
    default_code = "SOURCE_CODE_TAKEN"


class SourceUnsound(BillingError):
    """A figure that no source can have."""

    default_message = _("The share of the breaker is 1 to 100 percent, and a file is expected within two days.")
    default_code = "SOURCE_UNSOUND"


@durable
def create_usage_source(*, code: str, values: Mapping[str, Any], actor: User) -> UsageSource:
    """
    Add a source.

    :param code: as files and commands name it; it stays
    :param values: each of ``KEPT``
    :raises ColumnMapRefused: if nothing can be read by what is declared
    :raises SourceUnsound: for a figure that no source can have
    :raises SourceCodeTaken: if another source has the code
    """
    kept = {name: values[name] for name in KEPT}
    _check(kept)
    taken = {"rating_usagesource_code_key": lambda: SourceCodeTaken(context={"code": code})}
    with constraint_errors(taken):
        source = UsageSource.objects.create(code=code, **kept)
    record("rating.create_usage_source", actor=actor, subject=source, changes={"code": code, **kept})
    return source


@durable
def edit_usage_source(*, source_id: int, values: Mapping[str, Any], actor: User) -> UsageSource:
    """
    Change how a source's files are read from now on; what was read stays as it is.

    :param values: each of ``KEPT``
    :raises ColumnMapRefused: if nothing can be read by what is declared
    :raises SourceUnsound: for a figure that no source can have
    """
    source = UsageSource.objects.select_for_update().get(pk=source_id)
    kept = {name: values[name] for name in KEPT}
    _check(kept)
    before = {name: getattr(source, name) for name in KEPT if getattr(source, name) != kept[name]}
    for name, value in kept.items():
        setattr(source, name, value)
    source.save(update_fields=KEPT)
    if before:
        after = {name: kept[name] for name in before}
        record("rating.edit_usage_source", actor=actor, subject=source, changes={"before": before, "after": after})
    return source


def _check(values: Mapping[str, Any]) -> None:
    expected = values["expected_by_minute"]
    is_sound = 1 <= values["breaker_percent"] <= 100 and values["day_tolerance"] >= 0
    if not is_sound or not 0 <= (expected or 0) <= MINUTES_PER_TWO_DAYS:
        raise SourceUnsound
    declared_form(
        dialect=values["dialect"],
        declared=values["column_map"],
        time_zone=values["time_zone"],
        encoding=values["encoding"],
    )
