from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ..money import (
    PRICE_DIGITS,
    part_of,
    price_decimals,
    quantity_given_back,
    round_to,
    spread,
    time_amount,
    to_price,
    units_amount,
)
from .strategies import minutes, money, quantities, roundings

CENT = Decimal("0.01")


@st.composite
def splits(draw):
    rounding = draw(roundings)
    total = draw(money(rounding, min_units=-(10**9)))
    return total, draw(st.lists(quantities, min_size=1, max_size=12)), rounding


def for_any_split(test):
    awkward = [("100.00", [1, 1, 1]), ("0.02", [1, 1, 1]), ("-0.01", [0, 0])]
    for total, weights in awkward:
        test = example((Decimal(total), [Decimal(weight) for weight in weights], CENT))(test)
    return given(splits())(test)


class TestSpread:
    @for_any_split
    def test_the_shares_add_up_to_the_total_exactly(self, split):
        total, weights, rounding = split
        assert sum(spread(total, weights, rounding)) == total

    @for_any_split
    def test_every_share_can_be_paid_in_the_currency(self, split):
        total, weights, rounding = split
        assert all(share % rounding == 0 for share in spread(total, weights, rounding))

    @for_any_split
    def test_no_share_is_a_whole_unit_away_from_its_exact_value(self, split):
        total, weights, rounding = split
        weights_or_even = weights if sum(weights) else [Decimal(1)] * len(weights)
        for share, weight in zip(spread(total, weights, rounding), weights_or_even, strict=True):
            assert abs(share - total * weight / sum(weights_or_even)) < rounding

    @for_any_split
    def test_no_share_goes_against_the_total(self, split):
        total, weights, rounding = split
        assert all(share * total >= 0 for share in spread(total, weights, rounding))

    @for_any_split
    def test_a_credit_is_split_like_the_invoice_it_reverses(self, split):
        total, weights, rounding = split
        assert spread(-total, weights, rounding) == [-share for share in spread(total, weights, rounding)]

    @for_any_split
    def test_what_weighs_nothing_gets_nothing_beside_what_weighs(self, split):
        total, weights, rounding = split
        if sum(weights):
            shares = spread(total, weights, rounding)
            assert not any(share for share, weight in zip(shares, weights, strict=True) if not weight)


def test_nothing_to_split_over_is_an_error():
    with pytest.raises(ValueError, match="no share"):
        spread(Decimal(1), [], CENT)


def test_a_total_that_cannot_be_paid_is_an_error():
    with pytest.raises(ValueError, match="not a multiple"):
        spread(Decimal("0.005"), [Decimal(1)], CENT)


@given(st.data(), roundings, st.lists(st.integers(1, 500).map(Decimal), min_size=1, max_size=8))
def test_parts_of_an_activity_add_up_to_its_amount_taken_and_given_back_in_any_order(data, rounding, parts):
    amount, whole = data.draw(money(rounding)), sum(parts)
    taken = {}
    for index in data.draw(st.lists(st.sampled_from(range(len(parts))), max_size=12)) + list(range(len(parts))):
        if index in taken:
            del taken[index]
        left, left_whole = amount - sum(taken.values()), whole - sum(parts[i] for i in taken)
        taken[index] = part_of(left, parts[index], left_whole, rounding)
        assert 0 <= taken[index] <= left
        assert taken[index] % rounding == 0
    if sum(parts[i] for i in taken) == whole:
        assert sum(taken.values()) == amount


@given(st.data(), roundings, minutes)
def test_credits_give_back_no_more_than_was_billed_and_all_of_it_in_the_end(data, rounding, quantity):
    value = data.draw(money(rounding, min_units=1))
    while value:
        amount = data.draw(st.one_of(st.just(value), money(rounding, max_units=int(value / rounding))))
        back = quantity_given_back(quantity, amount, value, Decimal(1))
        quantity, value = quantity - back, value - amount
        assert back >= 0
        assert bool(quantity) == bool(value)
        if not amount:
            break


@pytest.mark.parametrize(("amount", "value"), [("200", "200"), ("0", "0")])
def test_all_of_a_value_gives_all_back(amount, value):
    assert quantity_given_back(Decimal(60), Decimal(amount), Decimal(value), Decimal(1)) == 60


@pytest.mark.parametrize(
    ("amount", "rounding", "expected"),
    [
        ("0.005", "0.01", "0.01"),
        ("-0.005", "0.01", "-0.01"),
        ("0.004999", "0.01", "0.00"),
        ("2.675", "0.01", "2.68"),  # a binary float is just below
        ("149.5", "1", "150"),
        ("1.0005", "0.001", "1.001"),
        ("1.025", "0.05", "1.05"),
    ],
)
def test_halves_are_rounded_away_from_zero(amount, rounding, expected):
    assert round_to(Decimal(amount), Decimal(rounding)) == Decimal(expected)


@pytest.mark.parametrize(
    ("worked", "expected"),
    [(5, "16.67"), (6, "20.00"), (7, "23.33"), (15, "50.00"), (20, "66.67"), (30, "100.00"), (50, "166.67")],
)
def test_time_is_priced_from_the_exact_minutes(worked, expected):
    assert time_amount(Decimal(worked), Decimal(200), CENT) == Decimal(expected)


@given(minutes, st.integers(0, 10**6).map(lambda cents: cents * CENT))
def test_the_price_of_time_is_less_than_half_a_cent_off(worked, rate):
    assert abs(time_amount(worked, rate, CENT) - worked * rate / 60) <= CENT / 2


def test_an_hour_costs_the_hourly_rate_and_a_unit_its_price():
    assert time_amount(Decimal(60), Decimal("133.33"), CENT) == Decimal("133.33")
    assert units_amount(Decimal(1), Decimal("133.33"), CENT) == Decimal("133.33")


@given(st.integers(0, 10**12))
def test_a_price_that_went_through_the_database_or_a_browser_is_the_one_that_was_typed(millionths):
    typed = Decimal(millionths) / 10**PRICE_DIGITS
    assert to_price(float(typed)) == typed
    assert price_decimals(to_price(float(typed))) == len(f"{typed:.6f}".rstrip("0").partition(".")[2])


@pytest.mark.parametrize(("value", "expected"), [(0.1 + 0.2, "0.3"), (0.0, "0"), (131_000.0, "131000"), (1e10, "1E10")])
def test_a_price_has_no_trace_of_binary_fractions(value, expected):
    assert to_price(value) == Decimal(expected)
    assert price_decimals(to_price(value)) == len(expected.partition(".")[2])


@given(quantities, st.integers(0, 10**9).map(lambda millionths: Decimal(millionths) / 10**6), roundings)
def test_only_the_amount_is_rounded_and_not_the_price(quantity, price, rounding):
    amount = units_amount(quantity, price, rounding)
    assert amount % rounding == 0
    assert abs(amount - quantity * price) <= rounding / 2


@pytest.mark.parametrize(
    ("quantity", "price", "expected"),
    [("1000", "0.636", "636.00"), ("150", "0.697", "104.55"), ("100", "0.606", "60.60"), ("240", "0.125", "30.00")],
)
def test_a_price_below_the_cent_keeps_its_decimals(quantity, price, expected):
    assert units_amount(Decimal(quantity), Decimal(price), CENT) == Decimal(expected)
