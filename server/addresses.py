"""Where a request comes from, behind the proxies that are trusted to say so."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_network

from starlette.types import Scope


class Addresses:
    """Reads `X-Forwarded-For` where the connection comes from a trusted proxy, which are addresses or networks."""

    def __init__(self, trusted: Sequence[str]) -> None:
        self._trusted = [ip_network(text, strict=False) for text in trusted]

    def of(self, scope: Scope, headers: Mapping[str, str]) -> str:
        """Address of the client: the last one on the way that no trusted proxy has. IPv6 clients are told apart by their /64 network."""
        client = scope.get("client")
        address = client[0] if client else ""
        if self._trusted and "x-forwarded-for" in headers:
            way = [*(part.strip() for part in headers["x-forwarded-for"].split(",")), address]
            address = next((hop for hop in reversed(way) if not self._trusts(hop)), way[0])
        return _network(address)

    def _trusts(self, text: str) -> bool:
        try:
            address = ip_address(text)
        except ValueError:
            return False
        return any(address in network for network in self._trusted)


def _network(text: str) -> str:
    """Address as it is counted; what is none counts as nobody's."""
    if ":" not in text:
        return text if len(text) <= 15 else ""
    try:
        return str(ip_network(f"{text}/64", strict=False).network_address)
    except ValueError:
        return ""
