from hypothesis import given, strategies as st

from invoicing.domain.account_ranges import cut_into_ranges
from invoicing.domain.run_rules import EVERYBODY, AccountRule, read_account_list, rule_from


def test_rule_is_kept_by_the_parts_that_say_something():
    rule = AccountRule(departments=("D2", "D1", "D1"), segments=("KEY",))

    assert rule.as_json() == {"departments": ["D1", "D2"], "segments": ["KEY"]}
    assert rule_from(rule.as_json()) == AccountRule(departments=("D1", "D2"), segments=("KEY",))
    assert EVERYBODY.is_empty
    assert not rule.is_empty


def test_list_of_accounts_is_read_as_people_paste_it():
    text = '\ufeff1000001-5; 10000023,\t"10000031"\r\n١٠٠٠٠٠٤٩\n\n1000001-5\n'

    assert read_account_list(text) == ("10000015", "10000023", "10000031", "10000049")


@given(st.text())
def test_list_of_anything_is_read_without_a_fall_and_without_repetition(text):
    found = read_account_list(text)

    assert len(set(found)) == len(found)
    assert all(found)


@given(st.sets(st.integers(1, 400)), st.integers(1, 20), st.integers(1, 30))
def test_ranges_keep_every_account_and_leave_wide_gaps_unread(ids, size, gap):
    ordered = sorted(ids)

    parts = cut_into_ranges(ordered, size=size, gap=gap)

    assert [account for part in parts for account in part] == ordered
    assert all(0 < len(part) <= size for part in parts)
    assert all(part[-1] - part[0] <= gap * (len(part) - 1) for part in parts)
