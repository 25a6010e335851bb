"""From where a request comes: what is counted for a visitor whom nobody knows."""

from ipaddress import IPv6Address, ip_address

from allauth.core.internal.httpkit import clean_client_ip
from django.conf import settings
from django.http import HttpRequest

_NETWORK = 0xFFFF_FFFF_FFFF_FFFF << 64


def address_of(request: HttpRequest) -> str:
    """What the outermost of TRUSTED_PROXIES saw; anybody can write what comes before it."""
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    trusted = settings.TRUSTED_PROXIES
    forwarded = clean_client_ip(hops[-trusted]) if 0 < trusted <= len(hops) else None
    return forwarded or request.META.get("REMOTE_ADDR") or "unknown"


def counted_as(address: str) -> str:
    """One name for all that one visitor can easily take: of IPv6 that is a whole /64."""
    try:
        known = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(known, IPv6Address) and not known.ipv4_mapped:
        return str(IPv6Address(int(known) & _NETWORK))
    return address
