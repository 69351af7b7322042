"""Bank statements as banks send them: 001-13, P-16, and 3d of the bad inputs as far as a file alone tells."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from reconciliation.domain.statement_formats.columns import StatementMapRefused
from reconciliation.domain.statement_formats.parts import BankStatement, LineKind, StatementRefused
from reconciliation.domain.statement_formats.reading import StatementForm, StatementFormat, read_statements

SAMPLES = Path(__file__).parents[4] / "shared" / "samples"
with_samples = pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not beside the project")
LOCAL_MAP = {
    "columns": {"day": "Day", "amount": "Sum", "reference": "Ref", "payer": "Payer", "text": "Text"},
    "opening": {"mark": "OPENING", "amount": 1},
    "closing": {"mark": "CLOSING", "amount": 1},
    "return_words": ["returned"],
}
MT940 = (
    ":20:S1\n:25:0001\n:28C:7/1\n:60F:C260304AMD1000,00\n"
    ":61:2603040304C250,00NTRFREF1//B1\n:86:account 10000017 for March\n"
    ":61:2603040304RC50,00NTRFREF0//B2\n:86:/RTRN/AC04/REMI/closed\n:62F:C260304AMD1200,00\n-\n"
)
ONE_C = (
    "1CClientBankExchange\r\nКодировка=Windows\r\nСекцияРасчСчет\r\nДатаНачала=04.03.2026\r\nДатаКонца=04.03.2026\r\n"
    "РасчСчет=0001\r\nНачальныйОстаток=-10.00\r\nКонечныйОстаток=240.00\r\nКонецРасчСчет\r\n"
    "СекцияДокумент=Платежное поручение\r\nНомер=7\r\nСумма=250.00\r\nДатаПоступило=04.03.2026\r\nДата=03.03.2026\r\n"
    "ПлательщикСчет=9\r\nПлательщик1=ООО Ромашка\r\nПолучательСчет=0001\r\n"
    "НазначениеПлатежа=счёт 10000017\r\nКонецДокумента\r\nКонецФайла\r\n"
)


def read(
    content: bytes | str, kind: str, *, encoding: str = "utf-8", account: str = "0001", digits: int = 2, **more: Any
) -> tuple[BankStatement, ...]:
    raw = content if isinstance(content, bytes) else content.encode()
    form = StatementForm(
        format=StatementFormat(kind), account=account, digits=digits, encoding=encoding, column_map=more.get("map", {})
    )
    return read_statements(raw, form=form, file_name="bank.sta")


def sample(name: str, kind: str, **more: Any) -> tuple[BankStatement, ...]:
    return read((SAMPLES / name).read_bytes(), kind, **more)


@with_samples
@pytest.mark.parametrize(
    ("name", "count", "net", "closing"),
    [
        ("bank/mt940-abnamro.sta", 10, -34593, 87684),
        ("bank/mt940-rabobank-iban.sta", 4, -7000, 93000),
        ("bank/mt940-windows-line-breaks.txt", 2, 220000, 438795),
        ("bank/mt940-february_30.sta", 1, -600, 119400),
    ],
)
def test_sample_gives_the_sums_that_its_source_states(name, count, net, closing):
    found = sample(name, "MT940", encoding="ascii")

    assert sum(len(one.lines) for one in found) == count
    assert sum(one.moved_minor for one in found) == net
    assert closing in {one.closing_minor for one in found}


@with_samples
def test_thirtieth_of_february_is_named_and_its_line_is_kept():
    (line,) = sample("bank/mt940-february_30.sta", "MT940", encoding="ascii")[0].lines

    assert (line.amount_minor, line.value_on, line.booked_on) == (-600, None, date(2016, 3, 1))
    assert "30.02.16" in str(line.doubt)


@with_samples
def test_camt_samples_split_into_transactions_where_these_make_the_amount():
    first, second = sample("bank/camt053.v2.multi.statement.xml", "CAMT")
    (batch,) = sample("bank/camt053-batch.xml", "CAMT")
    (notice,) = sample("bank/camt054.v4.xml", "CAMT")

    assert [(one.opening_minor, one.moved_minor, one.closing_minor) for one in (first, second)] == [
        (1815, 885, 2700),
        (2700, -700, 2000),
    ]
    assert [line.amount_minor for line in batch.lines] == [-475374, 268800, 500000]
    assert notice.opening_minor is None
    assert (len(notice.lines), notice.lines[0].doubt is None) == (1, False)
    with pytest.raises(StatementRefused, match="SEK"):
        sample("bank/camt053.v4.xml", "CAMT")


@with_samples
def test_exchange_file_of_1c_is_read_in_its_own_alphabet():
    (found,) = sample("accounting/1c-to_bank.txt", "ONE_C", account="12345678901234567890")

    assert sum(abs(line.amount_minor) for line in found.lines) == 17537525
    assert found.lines[0].text.startswith("За товары")
    assert {line.kind for line in found.lines} == {LineKind.TRANSFER}


def test_batch_of_a_camt_entry_becomes_a_line_for_each_transaction():
    part = "<TxDtls><Amt Ccy='AMD'>{}</Amt><RltdPties><Dbtr><Nm>{}</Nm></Dbtr></RltdPties></TxDtls>"
    (found,) = read(camt(part.format("10", "Ani") + part.format("20", "Aram"), amount="30"), "CAMT", digits=0)

    assert [(line.amount_minor, line.payer_name) for line in found.lines] == [(10, "Ani"), (20, "Aram")]
    assert [line.bank_reference for line in found.lines] == ["R/1", "R/2"]


def camt(details: str, *, amount: str = "30", version: str = "053.001.02", head: str = "") -> str:
    balance = "<Bal><Tp><CdOrPrtry><Cd>{}</Cd></CdOrPrtry></Tp><Amt Ccy='AMD'>{}</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
    balance += "<Dt><Dt>2026-03-04</Dt></Dt></Bal>"
    entry = (
        f"<Ntry><Amt Ccy='AMD'>{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-04</Dt>"
        f"</BookgDt><AcctSvcrRef>R</AcctSvcrRef><NtryDtls>{details}</NtryDtls></Ntry>"
    )
    return (
        f"{head}<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.{version}'><BkToCstmrStmt><Stmt><Id>1</Id>"
        f"<Acct><Id><Othr><Id>0001</Id></Othr></Id></Acct>{balance.format('OPBD', '0')}{balance.format('CLBD', '30')}"
        f"{entry}</Stmt></BkToCstmrStmt></Document>"
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (camt("", head="<!DOCTYPE Document [<!ENTITY a 'b'>]>"), "document type"),
        (camt("", version="053.001.99"), "53.001.99"),
        (camt("", version="052.001.02"), "52.001.02"),
        (camt("")[:-40], "well-formed"),
        (camt("", amount="1e3"), "1e3"),
        (camt("", amount="30.5"), "30.5"),
        (camt("", amount="NaN"), "NaN"),
    ],
)
def test_camt_outside_its_grammar_is_refused_whole(content, told):
    """3d.7: document types and entities, other versions, what is no XML; amounts as in 3c.4."""
    with pytest.raises(StatementRefused) as refused:
        read(content, "CAMT", digits=0)

    assert told in str(refused.value)
    assert "Nothing was loaded." in str(refused.value)


def test_mt940_tells_what_came_in_and_what_went_back_with_its_reason():
    (found,) = read(MT940, "MT940")

    assert (found.number, found.page, found.opening_minor, found.closing_minor) == (7, 1, 100000, 120000)
    assert [(line.kind.value, line.amount_minor, line.bank_reference) for line in found.lines] == [
        ("RECEIPT", 25000, "B1"),
        ("RETURN", -5000, "B2"),
    ]
    assert found.lines[1].return_reason == "AC04"


def test_mt940_wrapped_lines_and_foreign_letters_cost_no_money():
    """3d.8: the text in another alphabet than agreed is a doubt of its line, the sum stands; a wrapped tag is one."""
    wrapped = MT940.replace("account 10000017 for March", "account 1000\n0017 for March")
    (found,) = read(wrapped.encode().replace(b"March", b"\xcc\xe0\xf0\xf2"), "MT940", encoding="utf-8")

    assert found.lines[0].text.replace("\n", "").startswith("account 10000017")
    assert found.lines[0].doubt is not None
    assert found.lines[0].amount_minor == 25000


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("C250,00NTRF", "C2.50NTRF", ":61:"),
        ("C250,00NTRF", "C-250,00NTRF", ":61:"),
        (":60F:C260304", ":60F:C260230", "260230"),
        (":62F:C260304AMD1200,00\n-\n", "", ":62F:"),
        (":25:0001\n", "", ":25:"),
        (":20:S1\n", "", "belongs to no statement"),
        (":28C:7/1", ":28C:7-1", "7-1"),
        ("C250,00", "C250,005", "250,005"),
    ],
)
def test_mt940_outside_its_grammar_is_refused_whole(old, new, told):
    with pytest.raises(StatementRefused) as refused:
        read(MT940.replace(old, new), "MT940")

    assert told in str(refused.value)
    assert refused.value.faults[0].line_number >= 1


def test_booking_day_without_a_year_is_the_one_nearest_to_the_value_date():
    """3d.9: value date of the old year, entry of the new one."""
    text = MT940.replace("2603040304C", "2512310102C")

    line = read(text, "MT940")[0].lines[0]

    assert (line.value_on, line.booked_on) == (date(2025, 12, 31), date(2026, 1, 2))


@pytest.mark.parametrize("encoding", ["cp1251", "cp866"])
def test_1c_file_is_read_in_the_alphabet_that_it_declares(encoding):
    """3d.8."""
    text = ONE_C if encoding == "cp1251" else ONE_C.replace("Кодировка=Windows", "Кодировка=DOS")
    (found,) = read(text.encode(encoding), "ONE_C", encoding="utf-8")

    assert (found.opening_minor, found.moved_minor, found.closing_minor) == (-1000, 25000, 24000)
    assert (found.lines[0].payer_name, found.lines[0].booked_on) == ("ООО Ромашка", date(2026, 3, 4))
    with pytest.raises(StatementRefused, match="КонецФайла"):
        read(text[:-20].encode(encoding), "ONE_C")


def test_local_table_is_read_by_its_column_map():
    text = "OPENING;100,00\nDay;Sum;Ref;Payer;Text\n04.03.2026;250,00;R1;Ani;paid\n"
    text += "04.03.2026;-50,00;R2;Ani;returned unpaid\nCLOSING;300,00\n"
    (found,) = read(text, "COLUMNS", map={**LOCAL_MAP, "decimal_mark": ","})

    assert (found.opening_minor, found.moved_minor, found.closing_minor) == (10000, 20000, 30000)
    assert [line.kind.value for line in found.lines] == ["RECEIPT", "RETURN"]
    with pytest.raises(StatementRefused, match="CLOSING"):
        read(text.replace("CLOSING;300,00\n", ""), "COLUMNS", map={**LOCAL_MAP, "decimal_mark": ","})
    with pytest.raises(StatementRefused, match="2026-03-04"):
        read(text.replace("04.03.2026", "2026-03-04"), "COLUMNS", map={**LOCAL_MAP, "decimal_mark": ","})


@pytest.mark.parametrize("broken", [{"columns": {}}, {"delimiter": "x"}, {"opening": {"mark": "x"}}, {"else": 1}])
def test_column_map_that_cannot_be_followed_is_refused(broken):
    with pytest.raises(StatementMapRefused):
        read("", "COLUMNS", map={**LOCAL_MAP, **broken})
