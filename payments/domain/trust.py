"""From which addresses a network's requests are taken, and when an address has been wrong too often."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from billing_site.core.errors import BillingError
from billing_site.core.messages import gettext_noop

# So many bad requests of an address within this time lock it for a while, for this network alone: a stranger
# elsewhere cannot lock the network out.
MOST_BAD = 10
BAD_WITHIN = timedelta(minutes=15)
LOCKED_FOR = timedelta(minutes=15)
# Whoever has an IPv6 address has a net of this size.
IPV6_PREFIX = 64
# Under this prefix IPv6 writes the addresses of IPv4.
MAPPED_PREFIX = 96


class Distrust(StrEnum):
    """Why a request is not trusted: for our eyes; the sender is never told."""

    UNKNOWN = "UNKNOWN"
    UNREADABLE = "UNREADABLE"
    SIGNATURE = "SIGNATURE"
    STALE = "STALE"
    ADDRESS = "ADDRESS"
    REPLAYED = "REPLAYED"
    LOCKED = "LOCKED"


class NotAnAddress(BillingError):
    """A part of the list is no address."""

    default_message = gettext_noop("%(text)s is no address and no net, like 192.0.2.0/24.")
    default_code = "NOT_AN_ADDRESS"


def read_addresses(text: str) -> tuple[str, ...]:
    """
    Return the nets of a list divided by spaces, commas or lines, each in its shortest form.

    :raises NotAnAddress: for the first part that is none, or whose host bits are set
    """
    nets = []
    for part in text.replace(",", " ").split():
        try:
            nets.append(str(_plain(ip_network(part))))
        except ValueError as error:
            raise NotAnAddress(context={"text": part[:64]}) from error
    return tuple(dict.fromkeys(nets))


def is_listed(address: str, nets: Sequence[str]) -> bool:
    """Return whether an address lies in one of the nets; every net is looked at."""
    found = _parsed(address)
    if found is None:
        return False
    matches = [found in net for net in map(ip_network, nets) if net.version == found.version]
    return any(matches)


def sender_of(*, remote: str, forwarded: str, proxies: Sequence[str]) -> str:
    """
    Return the address of the sender: the peer's or, behind our own proxies, the nearest one that is none of them.

    :param forwarded: ``X-Forwarded-For`` as it came; what stands left of the nearest stranger is his own word
    """
    sender = remote
    for claimed in reversed(forwarded.split(",")):
        if not proxies or not is_listed(sender, proxies):
            break
        if _parsed(claimed.strip()) is None:
            break
        sender = claimed.strip()
    return sender


def counted_as(address: str) -> str:
    """Return the address under which bad requests are counted: an IPv6 address stands for its whole net."""
    found = _parsed(address)
    if found is None:
        return "0.0.0.0"  # noqa: S104 - a word for nobody's address
    if isinstance(found, IPv6Address):
        return str(ip_network((found, IPV6_PREFIX), strict=False).network_address)
    return str(found)


def _plain(net: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """Return the IPv4 net that an IPv6 one stands for."""
    mapped = net.network_address.ipv4_mapped if isinstance(net, IPv6Network) else None
    if mapped is None or net.prefixlen < MAPPED_PREFIX:
        return net
    return IPv4Network((int(mapped), net.prefixlen - MAPPED_PREFIX))


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address)
    except ValueError:
        return None
    # One socket for both families shows an IPv4 sender like this.
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
