"""Numbers in the tax register by country."""

import pytest
from hypothesis import given, strategies as st

from subscribers.domain.tax_numbers import MAX_TAX_ID, RULES, TaxNumberUnsound, split_tax_id, tax_id_of


@pytest.mark.parametrize(
    ("country", "number", "kept"),
    [
        ("am", "0123 4567", "AM01234567"),
        ("AM", "AM01234567", "AM01234567"),
        ("AM", "٠١٢٣٤٥٦٧", "AM01234567"),
        ("RU", "7707083893", "RU7707083893"),
        ("RU", "5001-0073-2259", "RU500100732259"),
        ("CN", "91350100m000100y43", "CN91350100M000100Y43"),
        ("GR", "123456789", "EL123456789"),
        ("FR", "40 303 265 045", "FR40303265045"),
    ],
)
def test_number_is_kept_as_electronic_bills_name_it(country, number, kept):
    assert tax_id_of(country=country, number=number) == kept
    assert split_tax_id(kept) == (country.upper(), kept[2:])


@pytest.mark.parametrize(
    ("country", "number"),
    [("AM", "1234567"), ("RU", "7707083892"), ("RU", "500100732258"), ("CN", "91350100M000100Y44"), ("A", "12345678"),
     ("AM", ""), ("FR", "<>"), ("DE", "12345678"), ("1A", "12345678")],
)  # fmt: skip
def test_what_is_no_number_of_the_country_is_refused(country, number):
    with pytest.raises(TaxNumberUnsound):
        tax_id_of(country=country, number=number)


@given(country=st.sampled_from([*RULES, "FR", "US"]), number=st.text(max_size=30))
def test_what_is_kept_is_kept_again_as_it_is(country, number):
    try:
        kept = tax_id_of(country=country, number=number)
    except TaxNumberUnsound:
        return
    assert len(kept) <= MAX_TAX_ID
    assert tax_id_of(country=country, number=kept) == kept
