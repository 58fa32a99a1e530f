"""Where a request comes from."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the visitor's address: of the connection or, where that is a trusted proxy's, what the proxy noted.

    X-Forwarded-For grows to the right, each proxy adding whom it heard; what stands left of the first address that is
    no trusted proxy's was written by that visitor and counts for nothing.
    """
    address: str = request.META.get("REMOTE_ADDR", "")
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    while hops and _is_trusted(address):
        try:
            address = str(ip_address(hops.pop().strip()))
        except ValueError:
            break
    return address


def _is_trusted(address: str) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in settings.TRUSTED_PROXIES)
