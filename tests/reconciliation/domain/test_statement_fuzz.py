"""
Bank statements damaged at random: a reader gives statements or the one refusal that names the place, nothing else.

A taste in the usual run, 100,000 files a form in ``selftest --nightly``.
"""

import random

import pytest
from hypothesis import given, settings, strategies as st

from billing_site.documents.sheets import SheetRefused
from reconciliation.domain.statement_formats.parts import BankStatement, StatementRefused
from reconciliation.domain.statement_formats.reading import StatementForm, StatementFormat, read_statements
from tests.factories.usage_damage import damaged
from tests.fixtures.nightly import at_night
from tests.reconciliation.domain.test_statement_formats import LOCAL_MAP, MT940, ONE_C, camt

ROUNDS = at_night(100_000, else_=300)
TABLE = "OPENING;100.00\nDay;Sum;Ref;Payer;Text\n04.03.2026;250.00;R1;Ani;paid\nCLOSING;350.00\n"
SOURCES = {
    "MT940": MT940.encode() * 2,
    "CAMT": camt("<TxDtls><Amt Ccy='AMD'>30</Amt></TxDtls>").encode(),
    "ONE_C": ONE_C.encode("cp1251"),
    "COLUMNS": TABLE.encode(),
}


def outcome(content: bytes, kind: str) -> tuple[BankStatement, ...]:
    form = StatementForm(
        format=StatementFormat(kind), account="0001", digits=2, encoding="cp1251", column_map=LOCAL_MAP
    )
    try:
        return read_statements(content, form=form, file_name="f")
    except StatementRefused as error:
        refused = error
    except SheetRefused:
        # It begins like a packed file and is none: only a bank's table may be a workbook.
        assert kind == "COLUMNS"
        return ()
    assert refused.faults[0].line_number >= 1
    assert str(refused).endswith("Nothing was loaded.")
    assert str(refused).startswith("File f")
    return ()


@pytest.mark.parametrize("kind", sorted(SOURCES))
def test_damaged_statement_is_read_or_refused(kind):
    chance = random.Random(kind)
    sound = outcome(SOURCES[kind], kind)
    assert sound

    for _ in range(ROUNDS):
        for found in outcome(damaged(SOURCES[kind], chance), kind):
            assert all(len(line.text) <= 1000 for line in found.lines)
            assert "\0" not in "".join(line.text + line.payer_name for line in found.lines)


@settings(max_examples=at_night(20_000, else_=60))
@given(content=st.binary(max_size=400), kind=st.sampled_from(sorted(SOURCES)))
def test_any_bytes_are_read_or_refused(content, kind):
    outcome(content, kind)


@settings(max_examples=at_night(20_000, else_=60))
@given(minor=st.integers(min_value=0, max_value=10**13), kind=st.sampled_from(sorted(SOURCES)))
def test_amount_comes_back_to_the_last_unit(minor, kind):
    text = f"{minor // 100}.{minor % 100:02d}"
    files = {
        "MT940": MT940.replace("C250,00", f"C{text.replace('.', ',')}").encode(),
        "CAMT": camt("", amount=text).encode(),
        "ONE_C": ONE_C.replace("Сумма=250.00", f"Сумма={text}").encode("cp1251"),
        "COLUMNS": TABLE.replace("250.00", text).encode(),
    }

    assert outcome(files[kind], kind)[0].lines[0].amount_minor == minor
