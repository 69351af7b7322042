"""``debit_export`` and ``debit_import``: the bank's files by command. 001-30, 004-26."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from billing_site.audit.models import AuditEntry
from payments.models import DebitBatch, DebitItem, DebitResultFile, Payment
from payments.operations.debit_batches import fetch_debit_file
from tests.factories.debits import (
    AT,
    bank_list,
    iban_of,
    make_creditor,
    make_mandate,
    order_of,
    propose,
    released,
    releaser,
)  # fmt: skip
from tests.factories.dunning import make_debt
from tests.factories.payments import DAY, make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    made = make_account()
    make_debt(made, 1000, due_on=DAY)
    make_creditor()
    make_mandate(made)
    return made


def run(*words):
    out, told = StringIO(), StringIO()
    call_command(*words, stdout=out, stderr=told)
    return out.getvalue(), told.getvalue()


def test_export_writes_the_released_file_for_its_owner_alone(account, tmp_path):
    batch = released()
    by = ("--by", releaser().username)
    out, told = run("debit_export", batch.number, *by, "--dry-run")
    assert (out, "would write 1 orders" in told) == ("", True)
    assert not AuditEntry.objects.filter(action="payments.fetch_debit_file").exists()

    out, told = run("debit_export", batch.number, *by, "--out", str(tmp_path), "--json")

    path = tmp_path / f"{batch.number}.xml"
    assert json.loads(out.splitlines()[-1]) == {
        "batch": batch.number, "orders": 1, "amount_minor": 1000, "path": str(path),
    }  # fmt: skip
    assert path.stat().st_mode & 0o077 == 0
    assert path.read_bytes() == fetch_debit_file(batch_id=batch.pk, at=AT, actor=releaser())[1]
    assert iban_of(account.pk) not in told + out
    assert iban_of(account.pk) in run("debit_export", batch.number, *by)[0]
    assert AuditEntry.objects.filter(action="payments.fetch_debit_file").count() == 3


def test_export_is_refused_to_who_may_not_and_for_what_is_not_released(account, clerk):
    batch = released()
    for words, code in (
        ((batch.number, "--by", clerk.username), 4),
        ((batch.number, "--by", "nobody"), 2),
        (("DD-2026-9", "--by", releaser().username), 2),
    ):
        with pytest.raises(CommandError) as caught:
            run("debit_export", *words)
        assert caught.value.returncode == code
    assert not AuditEntry.objects.filter(action="payments.fetch_debit_file").exists()


def test_import_carries_answers_out_once_and_names_what_needs_a_person(account, tmp_path):
    batch, path = released(), tmp_path / "answers.csv"
    path.write_bytes(bank_list({order_of(batch, account): ("OK", 1000, ""), "DD-2026-000009/1": ("OK", 5, "")}))
    words = ("debit_import", str(path), "--creditor", "RIVERSIDE", "--json")
    out, _told = run(*words, "--dry-run")
    assert json.loads(out.splitlines()[-1])["answers"] == {"PAID": 2}
    assert (DebitResultFile.objects.count(), Payment.objects.count()) == (0, 0)

    with pytest.raises(SystemExit) as ended:
        run(*words)

    assert ended.value.code == 3
    assert (DebitItem.objects.get().state, DebitBatch.objects.get().state) == ("PAID", "ANSWERED")
    with pytest.raises(CommandError) as again:
        run(*words)
    assert (again.value.returncode, Payment.objects.count()) == (4, 1)
    with pytest.raises(CommandError) as wrong:
        run("debit_import", str(tmp_path / "none"), "--creditor", "RIVERSIDE")
    assert wrong.value.returncode == 2


def test_batch_that_is_only_proposed_has_no_file(account):
    propose()
    with pytest.raises(CommandError):
        run("debit_export", "None", "--by", releaser().username)
