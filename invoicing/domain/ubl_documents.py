"""
An invoice or a credit note as EN 16931 sees it: plain values, and the sums that follow from them.

Amounts are minor units of the document's currency; a credit note's are positive, as its kind already says what they do.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop
from billing_site.core.money import round_half_up
from invoicing.domain.tax import PPM, ppm_from_percent

INVOICE, CREDIT_NOTE = "380", "381"
# Tax categories of UNCL 5305: standard, zero-rated, exempt, outside the scope of tax; supply within the community,
# export, and reverse charge.
STANDARD, ZERO, EXEMPT, OUTSIDE, WITHIN, EXPORT, REVERSE = "S", "Z", "E", "O", "K", "G", "AE"
# These must say why nothing is charged; some of them need the seller's number of value added tax, or the buyer's too.
REASONED = frozenset({EXEMPT, OUTSIDE, EXPORT, WITHIN, REVERSE})
SELLER_NAMED = frozenset({EXPORT, WITHIN, REVERSE})
BUYER_NAMED = frozenset({WITHIN, REVERSE})
WHY_EXEMPT = gettext_noop("Exempt from tax")
DISCOUNT_REASON = "95"
EXPORTED_DIGITS = frozenset({0, 2})
# Decimals of an amount as the rules reckon it, and how many of its units make one of the currency.
HUNDREDTHS, MAJOR_UNIT = 2, 100
# What a number of value added tax begins with: letters of ISO 3166, those of Greece, Northern Ireland and Kosovo.
_TAX_COUNTRIES = (
    "1A AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ"
    " CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH EL ER ES ET FI FJ FK FM FO"
    " FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM"
    " JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ"
    " MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE"
    " RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT"
    " TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XI YE YT ZA ZM ZW"
)
TAX_COUNTRIES = frozenset(_TAX_COUNTRIES.split())


class CurrencyNotExported(BillingError):
    """The format knows two decimals at most."""

    default_message = gettext_noop(
        "Electronic bills have amounts of at most two decimals: bills in %(currency)s are not exported."
    )
    default_code = "CURRENCY_NOT_EXPORTED"


class SellerNotRegistered(BillingError):
    """The rules want the seller's number on every document with a tax, charged or not."""

    default_message = gettext_noop(
        "Electronic bills name the seller's number in the tax register: it is missing in the operator's settings."
    )
    default_code = "SELLER_NOT_REGISTERED"


@dataclass(frozen=True, slots=True, kw_only=True)
class UblParty:
    """
    Seller or buyer.

    ``country`` is a code of two letters; ``tax_id`` the number in the tax register, with the country's letters before
    it where it is one of value added tax; ``identifier`` how the seller knows the buyer.
    """

    name: str
    country: str
    street: str = ""
    city: str = ""
    post_code: str = ""
    tax_id: str = ""
    registration_id: str = ""
    identifier: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UblTax:
    """How something is taxed: a category of UNCL 5305, a rate, and why nothing is charged, in words and by code."""

    code: str
    percent: Decimal
    reason: str = ""
    reason_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UblLine:
    """
    A line; ``unit_price`` is in the major unit and ``quantity`` x ``unit_price`` makes the net amount.

    ``service`` is the number that the line charges for, ``for_account`` the account that it is paid for, ``provider``
    whose charge it is, where it is not the seller's own.
    """

    label: str
    name: str
    quantity: int
    unit_price: Decimal
    net_minor: int
    tax: UblTax
    first_on: date | None = None
    last_on: date | None = None
    service: str = ""
    for_account: str = ""
    provider: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UblAllowance:
    """What is taken off the whole document (or, for a charge, put on it), with its tax; the amount is positive."""

    is_charge: bool
    amount_minor: int
    reason: str
    tax: UblTax


@dataclass(frozen=True, slots=True, kw_only=True)
class UblTaxTotal:
    """The tax of one category at one rate."""

    tax: UblTax
    net_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UblReference:
    """An earlier invoice that this document corrects."""

    number: str
    issued_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class UblPayment:
    """Where to pay: an account at a bank (empty: by other ways), and what a payer names."""

    reference: str
    account: str = ""
    bank_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UblDocument:
    """
    Everything that the exported document says.

    ``type_code`` is ``INVOICE`` or ``CREDIT_NOTE``; ``rounding_minor`` is what the total was rounded by to be paid.
    """

    type_code: str
    number: str
    issued_on: date
    due_on: date | None
    currency: str
    digits: int
    seller: UblParty
    buyer: UblParty
    first_on: date | None
    last_on: date | None
    lines: Sequence[UblLine]
    taxes: Sequence[UblTaxTotal]
    payment: UblPayment
    allowances: Sequence[UblAllowance] = ()
    references: Sequence[UblReference] = ()
    rounding_minor: int = 0
    terms: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UblSums:
    """The document's sums, in minor units."""

    lines_minor: int
    allowances_minor: int
    charges_minor: int
    net_minor: int
    tax_minor: int
    gross_minor: int
    payable_minor: int


@dataclass(slots=True)
class _Group:
    """What one category at one rate has gathered."""

    net_minor: int = 0
    tax_minor: int = 0
    reasons: list[str] = field(default_factory=list)
    reason_code: str = ""


def compute_ubl_sums(document: UblDocument) -> UblSums:
    """
    Add a document up.

    :raises CurrencyNotExported: for a currency of other than 0 or 2 decimals
    """
    if document.digits not in EXPORTED_DIGITS:
        raise CurrencyNotExported(context={"currency": document.currency})
    lines = sum(line.net_minor for line in document.lines)
    taken = sum(one.amount_minor for one in document.allowances if not one.is_charge)
    put = sum(one.amount_minor for one in document.allowances if one.is_charge)
    net = lines - taken + put
    tax = sum(total.tax_minor for total in document.taxes)
    return UblSums(
        lines_minor=lines,
        allowances_minor=taken,
        charges_minor=put,
        net_minor=net,
        tax_minor=tax,
        gross_minor=net + tax,
        payable_minor=net + tax + document.rounding_minor,
    )


def is_value_added_number(tax_id: str) -> bool:
    """Say whether a number is one of value added tax: such a number begins with the letters of its country."""
    return tax_id[:2] in TAX_COUNTRIES


def require_registered_seller(document: UblDocument) -> None:
    """
    Refuse a document that names taxes and no number of who charges them.

    :raises SellerNotRegistered: if the number is missing
    """
    if not document.seller.tax_id.strip() and any(total.tax.code != OUTSIDE for total in document.taxes):
        raise SellerNotRegistered


def hold_taxes_to_rates(document: UblDocument) -> UblDocument:
    """
    Return the document with each tax less than one major unit from its rate on its net, as the rules want it.

    Lines share a tax out by largest remainder, so those of a part of a bill may carry some units more or less than the
    rate makes of their sum. The tax that is written stays as near to the one charged as the rules allow, and the rest
    stands in the rounding: what is to be paid is the same.
    """
    held = [_held_to_rate(total, digits=document.digits) for total in document.taxes]
    moved = sum(total.tax_minor for total in document.taxes) - sum(total.tax_minor for total in held)
    return replace(document, taxes=held, rounding_minor=document.rounding_minor + moved)


def _held_to_rate(total: UblTaxTotal, *, digits: int) -> UblTaxTotal:
    # In hundredths of the major unit, as the rules reckon whatever the currency's own decimals.
    scale = 10 ** (HUNDREDTHS - digits)
    rate_ppm = ppm_from_percent(total.tax.percent)
    exact = round_half_up(numerator=abs(total.net_minor) * scale * rate_ppm, denominator=PPM)
    least, most = max(0, (exact - MAJOR_UNIT) // scale + 1), (exact + MAJOR_UNIT - 1) // scale
    size = min(max(abs(total.tax_minor), least), most)
    return replace(total, tax_minor=-size if total.tax_minor < 0 else size)


def decide_ubl_tax(
    *,
    percent: Decimal,
    code: str = "",
    reason: str = "",
    reason_code: str = "",
    has_buyer_number: bool = False,
    has_seller_number: bool = True,
) -> UblTax:
    """
    Return how something is taxed: a rate above nothing is the standard category, nothing is what the operator says.

    :param code: what the operator says of the tax category where its rate is nothing; exempt when left out
    :param has_buyer_number: the buyer's number of value added tax is known; without it a supply within the community
        and a reverse charge are written as exempt
    :param has_seller_number: the seller's is known; without it an export too is written as exempt
    """
    if percent > 0:
        return UblTax(code=STANDARD, percent=percent)
    is_unnamed = (code in BUYER_NAMED and not has_buyer_number) or (code in SELLER_NAMED and not has_seller_number)
    if code in {"", STANDARD} or is_unnamed:
        return UblTax(code=EXEMPT, percent=Decimal(0), reason=reason or WHY_EXEMPT)
    if code not in REASONED:
        return UblTax(code=code, percent=Decimal(0))
    return UblTax(code=code, percent=Decimal(0), reason=reason or WHY_EXEMPT, reason_code=reason_code)


def without_mixed_outside(taxes: Sequence[UblTax]) -> dict[UblTax, UblTax]:
    """
    Return what each tax becomes: outside the scope of tax stands alone on a document or not at all.

    Beside taxed lines it is written as exempt, with its own reason.
    """
    codes = {tax.code for tax in taxes}
    mixed = OUTSIDE in codes and len(codes) > 1
    return {
        tax: UblTax(code=EXEMPT, percent=Decimal(0), reason=tax.reason) if mixed and tax.code == OUTSIDE else tax
        for tax in taxes
    }


def merge_tax_totals(totals: Sequence[UblTaxTotal]) -> tuple[UblTaxTotal, ...]:
    """Put totals of one category and rate together, reasons side by side: a document says each once."""
    groups: dict[tuple[str, Decimal], _Group] = defaultdict(_Group)
    for total in totals:
        group = groups[total.tax.code, total.tax.percent]
        group.net_minor += total.net_minor
        group.tax_minor += total.tax_minor
        group.reason_code = group.reason_code or total.tax.reason_code
        if total.tax.reason and total.tax.reason not in group.reasons:
            group.reasons.append(total.tax.reason)
    return tuple(
        UblTaxTotal(
            tax=UblTax(code=code, percent=percent, reason="; ".join(group.reasons), reason_code=group.reason_code),
            net_minor=group.net_minor,
            tax_minor=group.tax_minor,
        )
        for (code, percent), group in sorted(groups.items())
    )
