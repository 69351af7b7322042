"""
Row 004-02: a mail is sent at most once, whoever is killed when.

Processes of their own, killed between claim and mark, once before the mail was handed over and once after.
"""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

from billing_site.core import clock
from billing_site.local.places import HERE
from invoicing.models import BillDelivery
from invoicing.operations.bill_mails import LOST_AFTER, settle_lost_mails
from tests.factories.deliveries import deliver, make_payer
from tests.fixtures.databases import TestDatabase, copy_of_template, django_on

SEND = "import django; django.setup(); from invoicing.tasks import send_bills; send_bills()"
MAILS = 6


def send(database: TestDatabase, folder: Path, files: Path, crash: str = "") -> None:
    environment = {
        **os.environ,
        **database.environment,
        "SALDO_CRASH": crash,
        "SALDO_MAIL_FOLDER": str(folder),
        "SALDO_FILES_ROOT": str(files),
    }
    done = subprocess.run(
        [sys.executable, "-c", SEND], env=environment, cwd=HERE.root, capture_output=True, text=True, check=False
    )
    assert done.returncode == (-signal.SIGKILL if crash else 0), done.stderr


def addresses(folder: Path) -> Counter[str]:
    return Counter(str(message_from_bytes(path.read_bytes())["To"]) for path in folder.iterdir())


def test_mail_is_sent_at_most_once_whoever_is_killed(django_db_setup, django_db_blocker, settings, tmp_path):
    folder, files = tmp_path / "mail", tmp_path / "files"
    settings.SALDO_FILES_ROOT = files
    folder.mkdir()
    with django_db_blocker.unblock(), copy_of_template() as database, django_on(database):
        for n in range(MAILS):
            make_payer(email=f"payer{n}@example.org")
        deliver()
        # The second mail is claimed and not handed over; then another is handed over and not marked.
        for crash in ("invoicing.send_bill_mail.claimed:2", "invoicing.send_bill_mail.sent:1", "", ""):
            send(database, folder, files, crash)
        assert Counter(BillDelivery.objects.values_list("state", flat=True)) == {"SENT": MAILS - 2, "SENDING": 2}
        assert settle_lost_mails(at=clock.now() + LOST_AFTER + timedelta(minutes=1)) == 2
        send(database, folder, files)

        assert Counter(BillDelivery.objects.values_list("state", flat=True)) == {"SENT": MAILS - 2, "FAILED": 2}
        went = addresses(folder)
        assert set(went.values()) == {1}
        assert len(went) == MAILS - 1
