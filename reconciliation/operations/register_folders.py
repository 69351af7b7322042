"""
Registers that the networks leave in a folder: taken when they are whole, once, and put aside.

Each network has a folder of its own code below ``SALDO_REGISTERS_FOLDER``; its column map says how the files are
called. What is taken goes below ``taken``, what is refused below ``refused``, with the reason kept for people to read.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.conf import settings

from billing_site.core.clock import operator_zone
from billing_site.core.errors import BillingError
from billing_site.db.transactions import durable
from payments.models import TerminalNetwork
from reconciliation.domain.register_maps import RegisterMapRefused, read_register_map
from reconciliation.models import RefusedRegister
from reconciliation.operations.registers import MAX_BYTES, RegisterKnown, RegisterTooLarge
from reconciliation.operations.terminal_checks import DayNotOver, check_register

logger = logging.getLogger(__name__)
TAKEN, REFUSED = "taken", "refused"
# Names that senders give to files which they are still writing.
PARTIAL = (".part", ".tmp", ".filepart", ".crdownload")


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderOutcome:
    """What became of one file: its network, its day, and TAKEN or REFUSED."""

    network_code: str
    day: date
    name: str
    fate: str


def folder_of(network_code: str) -> Path:
    """Return where a network leaves its registers."""
    return Path(settings.SALDO_REGISTERS_FOLDER) / network_code


def take_registers(*, at: datetime, settled_before: datetime) -> tuple[FolderOutcome, ...]:
    """
    Take the registers of every active network's folder and check their days; repeating it changes nothing.

    :param settled_before: a file written to since then (by the machine's clock) may still grow and is left alone
    """
    networks = TerminalNetwork.objects.filter(is_active=True).order_by("code")
    return tuple(outcome for network in networks for outcome in _take_of(network, at=at, settled_before=settled_before))


def _take_of(network: TerminalNetwork, *, at: datetime, settled_before: datetime) -> Iterator[FolderOutcome]:
    try:
        pattern = read_register_map(network.register_map).file_name
    except RegisterMapRefused:
        return
    folder = folder_of(network.code)
    if not pattern or not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        day = _day_of(path, pattern)
        if day is None or not _is_whole(path, settled_before):
            continue
        outcome = _take(network, path, day=day, at=at)
        if outcome is not None:
            yield outcome


def _take(network: TerminalNetwork, path: Path, *, day: date, at: datetime) -> FolderOutcome | None:
    fate = TAKEN
    try:
        check_register(network_code=network.code, day=day, name=path.name, content=_content_of(path), checked_at=at)
    except DayNotOver:
        return None
    except RegisterKnown:
        logger.info("Register %s of %s was taken before", path.name, network.code)
    except BillingError as error:
        fate = REFUSED
        logger.warning("Register %s of %s is refused: %s", path.name, network.code, error)
        _keep_refusal(network=network, day=day, name=path.name, reason=str(error), at=at)
    _put_aside(path, fate, at=at)
    return FolderOutcome(network_code=network.code, day=day, name=path.name, fate=fate)


@durable
def _keep_refusal(*, network: TerminalNetwork, day: date, name: str, reason: str, at: datetime) -> None:
    RefusedRegister.objects.create(network=network, day=day, name=name[:255], reason=reason, refused_at=at)


def _day_of(path: Path, pattern: str) -> date | None:
    """Return the day in a file's name; nothing for a file that is called otherwise."""
    try:
        return datetime.strptime(path.name, pattern).replace(tzinfo=operator_zone()).date()
    except ValueError:
        return None


def _is_whole(path: Path, settled_before: datetime) -> bool:
    if path.name.startswith(".") or path.name.lower().endswith(PARTIAL) or path.is_symlink() or not path.is_file():
        return False
    return datetime.fromtimestamp(path.stat().st_mtime, tz=settled_before.tzinfo) <= settled_before


def _content_of(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise RegisterTooLarge(context={"limit": MAX_BYTES})
    return path.read_bytes()


def _put_aside(path: Path, fate: str, *, at: datetime) -> None:
    """Move the file out of the way; the time before its name keeps two of one name apart."""
    target = path.parent / fate
    target.mkdir(exist_ok=True)
    path.replace(target / f"{at:%Y%m%d%H%M%S}-{path.name}")
