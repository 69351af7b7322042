"""
What a payer's phone and a till's scanner read from a bill: the square and the line of the slip.

How the square is written is data, one form for each way of paying: fields in their order, filled with the bill's facts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from billing_site.core.checkdigits import is_valid, with_check_digit
from billing_site.core.money import minor_to_decimal

SLIP_AMOUNT_DIGITS = 10


class PayCode(StrEnum):
    """A form of the square."""

    LINK = "LINK"
    EPC = "EPC"
    RUSSIA = "RUSSIA"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayFacts:
    """
    What a square can say; ``amount_minor`` is what is to be paid, in a currency of ``digits`` decimals.

    ``tax_number`` are the digits of the payee's number in the tax register.
    """

    reference: str
    bill_number: str
    amount_minor: int
    currency: str
    digits: int
    payee: str
    bank_name: str = ""
    bank_account: str = ""
    bank_code: str = ""
    bank_clearing_account: str = ""
    tax_number: str = ""
    link: str = ""
    # Lets the link be opened without a sign-in.
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """
    A field: its name before the value (if the form writes names), what fills it, and how long it may be.

    ``fill`` names a fact, or is the text itself between quotes. ``is_needed``: without it there is no square.
    """

    fill: str
    name: str = ""
    most: int = 255
    is_needed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PayForm:
    """A form: the separator of its fields, characters that no value may hold, and the currencies that it knows."""

    separator: str
    fields: Sequence[Field]
    forbidden: str = ""
    currencies: frozenset[str] = frozenset()
    is_quoted: bool = False
    # Empty fields at the end are left out.
    is_cut: bool = False


PAY_FORMS: Mapping[PayCode, PayForm] = {
    # The operator's own page: any phone opens it, and a till reads the account from it.
    PayCode.LINK: PayForm(
        separator="",
        fields=(
            Field(fill="link", is_needed=True, most=200),
            Field(name="?account=", fill="reference", is_needed=True),
            Field(name="&amount=", fill="amount"),
            Field(name="&currency=", fill="currency"),
            Field(name="&bill=", fill="bill_number"),
            Field(name="&sign=", fill="signature"),
        ),
        is_quoted=True,
    ),
    # EPC069-12, version 2: a transfer in euro.
    PayCode.EPC: PayForm(
        separator="\n",
        fields=(
            Field(fill="'BCD'"),
            Field(fill="'002'"),
            Field(fill="'1'"),
            Field(fill="'SCT'"),
            Field(fill="bank_code", most=11),
            Field(fill="payee", most=70, is_needed=True),
            Field(fill="bank_account", most=34, is_needed=True),
            Field(fill="currency_and_amount", is_needed=True),
            Field(fill="''"),
            Field(fill="''"),
            Field(fill="purpose", most=140),
        ),
        forbidden="\n\r",
        currencies=frozenset({"EUR"}),
        is_cut=True,
    ),
    # GOST R 56042: UTF-8, the amount in hundredths.
    PayCode.RUSSIA: PayForm(
        separator="|",
        fields=(
            Field(fill="'ST00012'"),
            Field(name="Name=", fill="payee", most=160, is_needed=True),
            Field(name="PersonalAcc=", fill="bank_account", most=20, is_needed=True),
            Field(name="BankName=", fill="bank_name", most=45, is_needed=True),
            Field(name="BIC=", fill="bank_code", most=9, is_needed=True),
            Field(name="CorrespAcc=", fill="bank_clearing_account", most=20, is_needed=True),
            Field(name="PayeeINN=", fill="tax_number", most=12),
            Field(name="Sum=", fill="hundredths", most=18),
            Field(name="Purpose=", fill="purpose", most=210),
            Field(name="PersAcc=", fill="reference", most=30, is_needed=True),
        ),
        forbidden="|",
        currencies=frozenset({"RUB"}),
    ),
}
# Where nothing else is said: Armenia has no square of its own on bills, its apps open the operator's link.
CODE_OF_COUNTRY: Mapping[str, PayCode] = {"RU": PayCode.RUSSIA, "AM": PayCode.LINK}


def choose_pay_code(*, named: str, country: str, currency: str) -> PayCode:
    """
    Return the form of the square: the one that the operator names, else the country's, else the currency's.

    :raises ValueError: if no form is called so
    """
    if named:
        return PayCode(named)
    by_currency = PayCode.EPC if currency in PAY_FORMS[PayCode.EPC].currencies else PayCode.LINK
    return CODE_OF_COUNTRY.get(country, by_currency)


def pay_payload(*, code: PayCode, facts: PayFacts) -> str:
    """
    Return what the square says: in the chosen form, as a link where a fact is missing or the currency is another, and
    as the bare account number where there is no link either.
    """
    for candidate in (code, PayCode.LINK):
        written = _write(PAY_FORMS[candidate], facts)
        if written is not None:
            return written
    return facts.reference


def slip_line(*, reference: str, amount_minor: int) -> str:
    """
    Return the line that a reader of slips takes: the account, which ends in its check digit, and the amount in minor
    units with a check digit over account and amount.

    :raises ValueError: for an account number that does not check, or an amount that is not positive or too long
    """
    amount = f"{amount_minor:0{SLIP_AMOUNT_DIGITS}d}"
    if not is_valid(reference) or amount_minor <= 0 or len(amount) > SLIP_AMOUNT_DIGITS:
        message = "A slip needs an account number that checks and a positive amount."
        raise ValueError(message)
    check = with_check_digit(reference + amount)[-1]
    return f"*{reference}*{amount}*{check}*"


def _write(form: PayForm, facts: PayFacts) -> str | None:
    """Return the square's text, or nothing where the form does not fit."""
    if form.currencies and facts.currency not in form.currencies:
        return None
    values = _values(facts)
    written = []
    for field in form.fields:
        value = field.fill.strip("'") if field.fill.startswith("'") else values[field.fill]
        value = "".join(" " if char in form.forbidden else char for char in value)[: field.most].strip()
        if field.is_needed and not value:
            return None
        if form.is_quoted and field.name:
            value = quote(value, safe="")
        written.append(f"{field.name}{value}" if value or not field.name else "")
    kept = written if not any(field.name for field in form.fields) else [part for part in written if part]
    text = form.separator.join(kept)
    return text.rstrip(form.separator) if form.is_cut else text


def _values(facts: PayFacts) -> dict[str, str]:
    amount = f"{minor_to_decimal(facts.amount_minor, digits=facts.digits):f}"
    hundredths = facts.amount_minor * 100 // 10**facts.digits
    return {
        "reference": facts.reference,
        "bill_number": facts.bill_number,
        "amount": amount if facts.amount_minor > 0 else "",
        "currency": facts.currency if facts.amount_minor > 0 else "",
        "currency_and_amount": f"{facts.currency}{amount}" if facts.amount_minor > 0 else "",
        "hundredths": str(hundredths) if facts.amount_minor > 0 else "",
        "purpose": f"{facts.bill_number} {facts.reference}".strip(),
        "payee": facts.payee,
        "bank_name": facts.bank_name,
        "bank_account": facts.bank_account.replace(" ", ""),
        "bank_code": facts.bank_code,
        "bank_clearing_account": facts.bank_clearing_account,
        "tax_number": "".join(char for char in facts.tax_number if char.isdigit()),
        "link": facts.link,
        "signature": facts.signature,
    }
