"""Addresses: lists of nets, senders behind proxies, what is counted as one sender."""

import pytest
from hypothesis import given, strategies as st

from payments.domain.trust import NotAnAddress, counted_as, is_listed, read_addresses, sender_of

PROXIES = ("10.0.0.0/8",)


def test_addresses_are_read_in_their_shortest_form():
    assert read_addresses("192.0.2.7, 198.51.100.0/24\n2001:db8::/32 192.0.2.7/32") == (
        "192.0.2.7/32",
        "198.51.100.0/24",
        "2001:db8::/32",
    )
    assert read_addresses(" ") == ()


@pytest.mark.parametrize("text", ["192.0.2.7/24", "example.org", "1.2.3", "::/129", "192.0.2.0/33"])
def test_what_is_no_net_is_named(text):
    with pytest.raises(NotAnAddress) as caught:
        read_addresses(f"192.0.2.1 {text}")
    assert text in str(caught.value)


@given(st.ip_addresses())
def test_address_is_in_its_own_net_alone(address):
    others = [net for net in ("192.0.2.0/32", "2001:db8::/128") if not net.startswith(f"{address}/")]

    assert is_listed(str(address), read_addresses(str(address)))
    assert not is_listed(str(address), others)


def test_ipv4_sender_on_a_socket_for_both_is_known():
    assert is_listed("::ffff:192.0.2.7", ["192.0.2.0/24"])
    assert not is_listed("nonsense", ["0.0.0.0/0"])


def test_sender_behind_proxies_is_the_nearest_stranger():
    """Whoever is no proxy of ours may write what he likes into the header."""
    forged = "203.0.113.9, 192.0.2.7"

    assert sender_of(remote="198.51.100.1", forwarded=forged, proxies=PROXIES) == "198.51.100.1"
    assert sender_of(remote="198.51.100.1", forwarded=forged, proxies=()) == "198.51.100.1"
    assert sender_of(remote="10.0.0.1", forwarded=forged, proxies=PROXIES) == "192.0.2.7"
    assert sender_of(remote="10.0.0.1", forwarded=f"{forged}, 10.0.0.2", proxies=PROXIES) == "192.0.2.7"
    assert sender_of(remote="10.0.0.1", forwarded="", proxies=PROXIES) == "10.0.0.1"


def test_whole_ipv6_net_is_one_sender():
    assert counted_as("2001:db8::1") == counted_as("2001:db8::ffff") != counted_as("2001:db8:0:1::1")
    assert counted_as("::ffff:192.0.2.7") == "192.0.2.7"
