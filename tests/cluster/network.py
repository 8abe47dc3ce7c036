"""The cluster's addresses on this machine, with routes that keep every stray packet here."""

from pathlib import Path

from tests.cluster import commands, place

FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
_NFT_FAMILIES = ("ip", "ip6")


def lay() -> None:
    """Make the bridge with the host's address before anything can send a packet."""
    commands.run("ip", "link", "add", place.HOST_BRIDGE, "type", "bridge")
    commands.run("ip", "address", "add", f"{place.HOST}/32", "dev", place.HOST_BRIDGE)
    commands.run("ip", "link", "set", place.HOST_BRIDGE, "up")
    # An address that is not there (yet) must not be looked for by the default route.
    commands.run("ip", "route", "add", "unreachable", place.HOST_NET)
    commands.run("ip", "route", "add", place.SERVICE_NET, "dev", place.HOST_BRIDGE)
    _remember_forwarding()


def lift() -> None:
    """Take everything away again; what is not there is no error."""
    commands.succeeds("ip", "route", "del", place.SERVICE_NET, "dev", place.HOST_BRIDGE)
    commands.succeeds("ip", "route", "del", "unreachable", place.HOST_NET)
    for bridge in (place.POD_BRIDGE, place.HOST_BRIDGE):
        commands.succeeds("ip", "link", "del", bridge)
    for family in _NFT_FAMILIES:
        commands.succeeds("nft", "delete", "table", family, "kube-proxy")
    _restore_forwarding()


def _remember_forwarding() -> None:
    """The CNI bridge turns forwarding on for the whole machine; note how it was."""
    _remembered().write_text(FORWARDING.read_text())


def _restore_forwarding() -> None:
    if _remembered().exists():
        FORWARDING.write_text(_remembered().read_text())


def _remembered() -> Path:
    return place.STATE / "ip_forward.before"
