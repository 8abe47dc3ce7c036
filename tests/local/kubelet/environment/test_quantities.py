"""Amounts are read and divided as resourceFieldRef does."""

from decimal import Decimal

import pytest

from podbook_cluster.kubelet.environment import quantities


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("500m", Decimal("0.5")),
        ("2", Decimal(2)),
        (3, Decimal(3)),
        ("256Mi", Decimal(256 * 1024**2)),
        ("1.5G", Decimal(1_500_000_000)),
        ("1Ki", Decimal(1024)),
        ("2e3", Decimal(2000)),
        ("1E", Decimal(10) ** 18),
    ],
)
def test_parse(text: str | int, amount: Decimal) -> None:
    assert quantities.parse(text) == amount


@pytest.mark.parametrize("text", ["", "much", "1 Gi", "1Gb", "0x10"])
def test_what_is_no_quantity_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="is not a quantity"):
        quantities.parse(text)


@pytest.mark.parametrize(
    ("text", "divisor", "becomes"),
    [("1500m", "1", 2), ("1500m", "1m", 1500), ("256Mi", "1Mi", 256), ("1", "0", 1)],
)
def test_divided_rounds_up(text: str, divisor: str, becomes: int) -> None:
    assert quantities.divided(quantities.parse(text), divisor) == becomes
