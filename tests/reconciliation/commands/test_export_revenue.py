"""The command that writes the exchange files of a period (000-04)."""

import io
import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from invoicing.operations.periods import open_period
from reconciliation.operations.revenue_transfers import prepare_revenue_transfer, send_revenue_transfer
from tests.factories.invoicing import bill_cycle, make_usage_total
from tests.factories.subscribers import make_account, make_cycle, make_line
from tests.factories.tariffs import make_bill_item, make_plan
from tests.reconciliation.books import make_classes
from tests.reconciliation.operations.test_revenue_transfers import APRIL, AT

pytestmark = pytest.mark.django_db


def export(*words):
    said = io.StringIO()
    call_command("export_revenue", *words, stdout=said)
    return said.getvalue()


def test_files_are_written_again_and_again_the_same(tmp_path, accountant, specialist):
    make_classes()
    cycle = make_cycle()
    make_bill_item(code="CALLS-MOBILE", kind="MOBILE")
    line = make_line(account=make_account(cycle=cycle), plan=make_plan(code="M", kind="MOBILE"))
    make_usage_total(line, amount_micro=1_000_000_000, item_code="CALLS-MOBILE")
    period = open_period(month=date(2026, 3, 1), actor=accountant)
    bill_cycle(cycle)
    made = prepare_revenue_transfer(period_id=period.pk, section="MOBILE", on=APRIL, prepared_at=AT, actor=accountant)
    with pytest.raises(CommandError) as refusal:
        export("2026-03")
    send_revenue_transfer(transfer_id=made.pk, sent_at=AT, actor=specialist)

    tried = export("2026-03", "--to", str(tmp_path), "--dry-run")
    assert list(tmp_path.iterdir()) == []
    told = json.loads(export("2026-03", "--to", str(tmp_path), "--json").splitlines()[-1])
    first = (tmp_path / "REV-2026-0001.txt").read_bytes()
    export("2026-03", "--to", str(tmp_path))

    assert refusal.value.returncode == 4
    assert "Nothing was written." in tried
    assert [row["number"] for row in told["transfers"]] == ["REV-2026-0001"]
    assert (tmp_path / "REV-2026-0001.txt").read_bytes() == first
    with pytest.raises(CommandError) as wrong:
        export("2026-03", "--to", str(tmp_path / "nowhere"))
    assert wrong.value.returncode == 2
