from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..money import time_amount, units_amount
from ..parts import InexactPartsError, split_amount

CENT = Decimal("0.01")
hourly_rates = st.integers(1, 10**5).map(lambda cents: cents * CENT)
#: Parts of at most an hour: their amount moves by at most a cent when their rate does.
short_parts = st.lists(st.integers(1, 60).map(Decimal), min_size=1, max_size=8)


@given(short_parts, hourly_rates)
def test_the_parts_of_short_work_always_cost_what_it_cost(minutes, rate):
    parts = split_amount(minutes, rate, CENT, is_time=True)
    assert [part.quantity for part in parts] == minutes
    assert sum(part.amount for part in parts) == time_amount(sum(minutes), rate, CENT)
    assert all(part.amount == time_amount(part.quantity, part.price, CENT) for part in parts)


@given(short_parts, hourly_rates)
def test_no_part_is_a_whole_cent_away_from_its_exact_amount_twice_over(minutes, rate):
    for part in split_amount(minutes, rate, CENT, is_time=True):
        assert abs(part.amount - part.quantity * rate / 60) <= CENT + CENT / 2


@given(st.lists(st.integers(1, 1000).map(Decimal), min_size=1, max_size=8), hourly_rates)
def test_whole_units_keep_their_price(units, price):
    parts = split_amount(units, price, CENT, is_time=False)
    assert {part.price for part in parts} == {price}
    assert sum(part.amount for part in parts) == units_amount(sum(units), price, CENT)


@given(st.lists(st.integers(1, 1440).map(Decimal), min_size=1, max_size=8), hourly_rates)
def test_the_parts_of_long_work_always_cost_what_it_cost(minutes, rate):
    parts = split_amount(minutes, rate, CENT, is_time=True)
    assert sum(part.amount for part in parts) == time_amount(sum(minutes), rate, CENT)


def test_the_last_third_of_five_hours_costs_a_cent_more_at_a_price_finer_than_the_cent():
    parts = split_amount([Decimal(100)] * 3, Decimal(200), CENT, is_time=True)
    assert [str(part.amount) for part in parts] == ["333.33", "333.33", "333.34"]
    assert [str(part.price) for part in parts] == ["200", "200", "200.004"]


def test_units_by_the_hundred_thousand_whose_cents_no_price_makes_up_for_are_refused():
    with pytest.raises(InexactPartsError):
        split_amount([Decimal("200000.5")] * 2, Decimal("0.01"), CENT, is_time=False)
