"""Which addresses are public: our own table, not `ipaddress.is_global`, which calls multicast,
NAT64 and 6to4 addresses global.

Sources: IANA's special-purpose address registries for IPv4 and IPv6 (RFC 6890 and what came after),
and the reasons of
docs/decisions/0008.
"""

import ipaddress
from typing import Final

NOT_PUBLIC_4: Final = (
    "0.0.0.0/8",  # this network (RFC 791)
    "10.0.0.0/8",  # private (RFC 1918)
    "100.64.0.0/10",  # shared, behind carriers' NAT (RFC 6598)
    "127.0.0.0/8",  # loopback
    "168.63.129.16/32",  # a cloud's own wire server, in public space
    "169.254.0.0/16",  # link local; clouds' metadata
    "172.16.0.0/12",  # private
    "192.0.0.0/24",  # IETF protocols
    "192.0.2.0/24",  # documentation
    "192.31.196.0/24",  # AS112
    "192.52.193.0/24",  # AMT
    "192.88.99.0/24",  # 6to4 relays (RFC 7526)
    "192.168.0.0/16",  # private
    "192.175.48.0/24",  # AS112
    "198.18.0.0/15",  # benchmarks
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "224.0.0.0/3",  # multicast, reserved, broadcast
)
PUBLIC_6: Final = "2000::/3"  # all that IANA has given out for use
NOT_PUBLIC_6: Final = (
    "2001::/23",  # IETF protocols: Teredo, ORCHID and the like
    "2001:db8::/32",  # documentation
    "2002::/16",  # 6to4: an IPv4 address in disguise
    "2620:4f:8000::/48",  # AS112
    "3ffe::/16",  # the old 6bone
    "3fff::/20",  # documentation (RFC 9637)
)
_ISATAP: Final = frozenset(
    {0x0000_5EFE, 0x0200_5EFE},
)  # RFC 5214: an IPv4 address in the last 32 bits

_V4 = tuple(
    (int(net.network_address), int(net.netmask)) for net in map(ipaddress.IPv4Network, NOT_PUBLIC_4)
)
_V6 = tuple(
    (int(net.network_address), int(net.netmask)) for net in map(ipaddress.IPv6Network, NOT_PUBLIC_6)
)
_V6_ALL = ipaddress.IPv6Network(PUBLIC_6)


def is_public(address: str) -> bool:
    """Return whether an IP address, as `getaddrinfo` writes it, lies in the public net; False for
    what is none, or has a zone.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    number = int(parsed)
    if isinstance(parsed, ipaddress.IPv4Address):
        return all(number & mask != network for network, mask in _V4)
    if (
        parsed.scope_id is not None
        or parsed not in _V6_ALL
        or (number >> 32) & 0xFFFF_FFFF in _ISATAP
    ):
        return False
    return all(number & mask != network for network, mask in _V6)
