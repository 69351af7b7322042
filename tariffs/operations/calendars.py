"""Windows of the week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from billing_site.audit.recording import record
from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.db.transactions import durable
from billing_site.identity.models import User
from tariffs.models import Window, WindowScheme
from tariffs.operations.codes import check_code_free

WEEKDAYS = frozenset(range(1, 8))
MINUTES_PER_DAY = 1440


class WindowUnsound(BillingError):
    """A window that never opens."""

    default_message = gettext_noop("Window %(code)s needs weekdays 1 to 7 and a minute of the day from 0 to 1439.")
    default_code = "WINDOW_UNSOUND"


class WindowsOpenTogether(BillingError):
    """Two windows open at the same minute."""

    default_message = gettext_noop("Windows %(first)s and %(second)s open at the same minute of a day.")
    default_code = "WINDOWS_OPEN_TOGETHER"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWindow:
    """One opening: on these ISO weekdays (1 is Monday), at this minute after midnight."""

    code: str
    names: Mapping[str, str]
    weekdays: Sequence[int]
    opens_at_minute: int


@durable
def create_window_scheme(
    *, code: str, names: Mapping[str, str], windows: Sequence[NewWindow], actor: User | None
) -> WindowScheme:
    """
    Create a scheme; one without windows prices every minute alike.

    :raises CodeTaken: if a scheme has the code
    :raises WindowUnsound: for a weekday or minute that does not exist
    :raises WindowsOpenTogether: if two windows open at the same minute
    """
    check_code_free(WindowScheme.objects.all(), code)
    _check_windows(windows)
    scheme = WindowScheme.objects.create(code=code, names=dict(names))
    Window.objects.bulk_create(
        Window(
            scheme=scheme,
            code=window.code,
            names=dict(window.names),
            weekdays=list(window.weekdays),
            opens_at_minute=window.opens_at_minute,
        )
        for window in windows
    )
    record("tariffs.create_window_scheme", actor=actor, subject=scheme, changes={"code": code, "windows": len(windows)})
    return scheme


def _check_windows(windows: Sequence[NewWindow]) -> None:
    openings: dict[tuple[int, int], str] = {}
    for window in windows:
        if (
            not window.weekdays
            or not set(window.weekdays) <= WEEKDAYS
            or not 0 <= window.opens_at_minute < MINUTES_PER_DAY
        ):
            raise WindowUnsound(context={"code": window.code})
        for weekday in window.weekdays:
            other = openings.setdefault((weekday, window.opens_at_minute), window.code)
            if other != window.code:
                raise WindowsOpenTogether(context={"first": other, "second": window.code})
