"""What Kubernetes takes as the name of something."""

import re
from typing import Final

_SUBDOMAIN: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_DNS_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_PATH_SEGMENT: Final = re.compile(r"(?!\.{1,2}$)[^/%]+")
_QUALIFIED: Final = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_CONFIG_KEY: Final = re.compile(r"[-._a-zA-Z0-9]+")
_NAME_LIMIT: Final = 253
_SHORT_LIMIT: Final = 63


def is_subdomain(text: str) -> bool:
    """Whether it names an object of most kinds: labels of a host name, joined by dots."""
    return bool(_SUBDOMAIN.fullmatch(text)) and len(text) <= _NAME_LIMIT


def is_dns_label(text: str) -> bool:
    """Whether it names a namespace, a container or a volume: no dots, 63 letters."""
    return bool(_DNS_LABEL.fullmatch(text)) and len(text) <= _SHORT_LIMIT


def is_path_segment(text: str) -> bool:
    """Whether it names an RBAC object: all that fits into a URL, colons too."""
    return bool(_PATH_SEGMENT.fullmatch(text))


def is_qualified_name(text: str) -> bool:
    """Whether it is the key of a label or an annotation: a name, with a domain before it or not."""
    prefix, slash, name = text.rpartition("/")
    if slash and not is_subdomain(prefix):
        return False
    return bool(_QUALIFIED.fullmatch(name)) and len(name) <= _SHORT_LIMIT


def is_label_value(text: str) -> bool:
    """Whether it is the value of a label, which may be empty."""
    return not text or (bool(_QUALIFIED.fullmatch(text)) and len(text) <= _SHORT_LIMIT)


def is_config_key(text: str) -> bool:
    """Whether it is a key of a config map or a secret, which pods see as the name of a file."""
    return (
        bool(_CONFIG_KEY.fullmatch(text))
        and not text.startswith("..")
        and (text != "." and len(text) <= _NAME_LIMIT)
    )
