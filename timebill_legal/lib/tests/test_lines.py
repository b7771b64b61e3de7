from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..lines import Item, group_items, line_terms
from ..money import time_amount, units_amount
from .strategies import minutes

CENT = Decimal("0.01")
DIGITS = 2
SECTIONS = ("fees", "expenses", "disbursements")
#: A distance, a page or a currency that is worth little has prices below the cent.
prices = st.sampled_from(["90", "180", "200", "200.50", "133.33", "0.20", "0.697", "0.125", "225"]).map(Decimal)
fine_prices = st.integers(0, 10**9).map(lambda millionths: Decimal(millionths) / 10**6)


def terms(quantity, price, amount):
    return line_terms(Decimal(quantity), Decimal(price), Decimal(amount), DIGITS)


def item_of(item_id, quantity, price, amount, *, is_time, matter=1, section="fees", activity_type=1, revised=False):
    """Item as billing makes it: work alike shares a line, what is revised has its own."""
    own_line = item_id if revised else 0
    order = (matter, SECTIONS.index(section), activity_type, price, own_line)
    return Item(item_id, order, order, is_time, quantity, price, amount)


def time_item(item_id, worked, price=200):
    """Item of ``worked`` minutes at its standard amount."""
    amount = time_amount(Decimal(worked), Decimal(price), CENT)
    return item_of(item_id, Decimal(worked), Decimal(price), amount, is_time=True)


def group(*items):
    return group_items(items, DIGITS)


@st.composite
def item_lists(draw):
    """Activities as they come: of several matters, sections, types and prices, some revised."""
    items = []
    for item_id in range(1, draw(st.integers(0, 10)) + 1):
        section = draw(st.sampled_from(SECTIONS))
        is_time = section == "fees" and draw(st.booleans())
        quantity = draw(minutes if is_time else st.integers(1, 500).map(lambda n: Decimal(n) / 4))
        price = draw(prices)
        standard = (time_amount if is_time else units_amount)(quantity, price, CENT)
        revised = section != "disbursements" and draw(st.booleans())
        items.append(
            item_of(
                item_id,
                quantity,
                price,
                standard + CENT if revised else standard,
                is_time=is_time,
                matter=draw(st.integers(1, 3)),
                section=section,
                # The kind goes with the type: time and services do not share one.
                activity_type=draw(st.integers(1, 2)) + 10 * SECTIONS.index(section) + 5 * is_time,
                revised=revised,
            )
        )
    return draw(st.permutations(items))


@pytest.mark.parametrize("worked", [6, 15, 30, 45, 60, 75])
def test_a_line_prints_hours_and_rate_when_that_is_exact(worked):
    (line,) = group(time_item(1, worked))
    assert (line.quantity, line.price, line.is_lump) == (Decimal(worked) / 60, 200, False)


@pytest.mark.parametrize(
    ("worked", "amount"), [(5, "16.67"), (7, "23.33"), (20, "66.67"), (50, "166.67"), (10, "33.33"), (40, "133.33")]
)
def test_a_line_prints_one_amount_when_the_hours_are_not_exact(worked, amount):
    (line,) = group(time_item(1, worked))
    assert (line.quantity, line.price, line.is_lump) == (1, Decimal(amount), True)


def test_times_that_are_exact_together_but_not_apart_are_billed_as_they_cost_apart():
    """Three times 20 minutes cost 3 × 66.67, not one hour at 200."""
    (line,) = group(*(time_item(number, 20) for number in (1, 2, 3)))
    assert (line.quantity, line.price, line.is_lump, line.amount) == (1, Decimal("200.01"), True, Decimal("200.01"))


@given(
    st.integers(1, 10**5).map(lambda n: Decimal(n) / 60),
    prices | fine_prices,
    st.integers(0, 10**7).map(lambda n: n * CENT),
)
def test_whatever_a_line_prints_multiplies_to_its_amount(quantity, price, amount):
    printed, unit_price, is_lump = line_terms(quantity, price, amount, DIGITS)
    assert printed * unit_price == amount
    assert printed == round(printed, DIGITS)
    assert is_lump or (printed, unit_price) == (quantity, price)


@given(st.integers(1, 10**5).map(Decimal), fine_prices)
def test_units_are_printed_at_their_price_just_when_their_product_can_be_paid(quantity, price):
    amount = units_amount(quantity, price, CENT)
    expected = (quantity, price, False) if quantity * price == amount else (1, amount, True)
    assert line_terms(quantity, price, amount, DIGITS) == expected


@pytest.mark.parametrize(
    ("quantity", "price", "amount"),
    [
        ("1000", "0.636", "636.00"),
        ("150", "0.697", "104.55"),
        ("100", "0.606", "60.60"),
        ("240", "0.125", "30.00"),
        ("2", "0", "0.00"),
    ],
)
def test_a_price_finer_than_the_cent_is_printed_with_its_quantity(quantity, price, amount):
    assert units_amount(Decimal(quantity), Decimal(price), CENT) == Decimal(amount)
    assert terms(quantity, price, amount) == (Decimal(quantity), Decimal(price), False)


@pytest.mark.parametrize(("price", "amount"), [("133.333333", "400.00"), ("0.697", "2.09")])
def test_a_product_that_cannot_be_paid_is_a_lump(price, amount):
    assert terms("3", price, amount) == (1, Decimal(amount), True)


def test_a_revised_amount_is_a_lump():
    assert terms("1", "200", "150") == (1, 150, True)


for_any_items = given(item_lists())


class TestGrouping:
    @for_any_items
    def test_every_item_is_billed_exactly_once(self, items):
        billed = Counter(item.source for line in group(*items) for item in line.items)
        assert billed == Counter(item.source for item in items)

    @for_any_items
    def test_the_lines_bill_what_the_items_cost(self, items):
        assert sum(line.amount for line in group(*items)) == sum(item.amount for item in items)

    @for_any_items
    def test_each_line_prints_what_it_multiplies(self, items):
        assert all(line.quantity * line.price == line.amount for line in group(*items))

    @for_any_items
    def test_a_revised_item_has_a_line_of_its_own(self, items):
        assert all(len(line.items) == 1 for line in group(*items) if any(item.key[-1] for item in line.items))

    @for_any_items
    def test_items_of_one_key_share_one_line(self, items):
        keys = [line.items[0].key for line in group(*items)]
        assert len(keys) == len(set(keys))
        assert all(item.key == line.items[0].key for line in group(*items) for item in line.items)

    @for_any_items
    def test_lines_stand_in_the_order_of_their_items(self, items):
        orders = [line.items[0].order for line in group(*items)]
        assert orders == sorted(orders)

    @for_any_items
    def test_a_line_of_several_prices_prints_one_amount(self, items):
        mixed = [Item(item.source, 0, (), item.is_time, item.quantity, item.price, item.amount) for item in items]
        prices = {(item.is_time, item.price) for item in items}
        for line in group(*mixed):
            assert line.is_lump or len(prices) == 1
            assert line.quantity * line.price == sum(item.amount for item in items)
            assert line.minutes == sum(item.quantity for item in items if item.is_time)

    @for_any_items
    def test_the_order_of_the_activities_changes_no_line(self, items):
        def printed(items):
            return [(line.quantity, line.price, {item.source for item in line.items}) for line in group(*items)]

        assert printed(items) == printed(sorted(items, key=lambda item: item.source))


def test_no_activity_makes_no_line():
    assert group() == []


def test_time_in_hours_and_units_as_they_are():
    units = item_of(2, Decimal(3), Decimal("0.20"), Decimal("0.60"), is_time=False, section="expenses")
    hours, pieces = group(time_item(1, 90), units)
    assert (hours.quantity, pieces.quantity) == (Decimal("1.5"), 3)
