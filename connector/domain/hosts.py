"""Hosts by their names: which one is this machine."""

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Whether the host is this machine by its very name; nothing is looked up."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
