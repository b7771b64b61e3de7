"""What a law firm's figures look like, for the property tests."""

from decimal import Decimal

from hypothesis import strategies as st

#: Smallest units: euro, yen, Kuwaiti dinar, and the Swiss franc's five centimes.
roundings = st.sampled_from([Decimal("0.01"), Decimal("1"), Decimal("0.001"), Decimal("0.05")])


@st.composite
def money(draw, rounding, min_units=0, max_units=10**9):
    """Amount that can be paid in the currency of ``rounding``."""
    return draw(st.integers(min_units, max_units)) * rounding


#: Quantities and weights with the six decimals that the database keeps.
quantities = st.integers(0, 10**9).map(lambda millionths: Decimal(millionths) / 10**6)
minutes = st.integers(1, 24 * 60).map(Decimal)
