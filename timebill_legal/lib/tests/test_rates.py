"""The rates, as a table: which of them answers for a piece of work."""

from datetime import date
from decimal import Decimal

import pytest

from ..rates import Rate, Work, best_rate, choose_rate

PHONE, HEARING, COPIES = 1, 2, 3
CLAIRE, PAUL = 7, 8
PARTNER, TRAINEE = 3, 4
DAY = date(2026, 3, 15)

# Work of Claire, a partner, on the phone.
CALL = Work(True, PHONE, CLAIRE, PARTNER, DAY)


def rate(price, **keys):
    """Rate numbered after its price: the tables read by price."""
    return Rate(price, Decimal(price), **keys)


ANY = rate(100)
OF_PHONE = rate(110, type_id=PHONE)
OF_PARTNERS = rate(120, grade_id=PARTNER)
OF_PARTNERS_ON_PHONE = rate(130, grade_id=PARTNER, type_id=PHONE)
OF_CLAIRE = rate(140, user_id=CLAIRE)
OF_2025 = rate(180, date_from=date(2025, 1, 1))
OF_2026 = rate(190, date_from=date(2026, 1, 1))
OF_CLAIRE_ON_PHONE = rate(150, user_id=CLAIRE, type_id=PHONE)


def price_of(rates, work):
    best = best_rate(rates, work)
    return best and best.price


@pytest.mark.parametrize(
    ("case", "rates", "expected"),
    [
        ("nothing agreed", [], None),
        ("one price for everything", [ANY], 100),
        ("a type beats everything", [ANY, OF_PHONE], 110),
        ("a grade beats a type", [ANY, OF_PHONE, OF_PARTNERS], 120),
        ("a grade and a type beat a grade", [OF_PARTNERS, OF_PARTNERS_ON_PHONE], 130),
        ("a person beats her grade, whatever the type", [OF_PARTNERS_ON_PHONE, OF_CLAIRE], 140),
        ("a person and a type beat all", [ANY, OF_PHONE, OF_PARTNERS_ON_PHONE, OF_CLAIRE, OF_CLAIRE_ON_PHONE], 150),
        ("another type does not apply", [rate(1, type_id=HEARING)], None),
        ("another person does not apply", [rate(1, user_id=PAUL), ANY], 100),
        ("another grade does not apply", [rate(1, grade_id=TRAINEE), ANY], 100),
        ("every filled key must match", [rate(1, user_id=CLAIRE, type_id=HEARING), ANY], 100),
        ("a price of nothing is a price", [rate(0, user_id=CLAIRE), ANY], 0),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_most_specific_rate_wins(case, rates, expected):
    assert price_of(rates, CALL) == expected
    assert price_of(reversed(rates), CALL) == expected


@pytest.mark.parametrize(
    ("case", "date_from", "date_to", "applies"),
    [
        ("no dates", None, None, True),
        ("from that day", DAY, None, True),
        ("until that day", None, DAY, True),
        ("that day only", DAY, DAY, True),
        ("from the day after", date(2026, 3, 16), None, False),
        ("until the day before", None, date(2026, 3, 14), False),
        ("the year around it", date(2026, 1, 1), date(2026, 12, 31), True),
        ("the year before", date(2025, 1, 1), date(2025, 12, 31), False),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_rate_is_valid_on_its_first_and_last_days(case, date_from, date_to, applies):
    assert rate(100, date_from=date_from, date_to=date_to).applies_to(CALL) is applies


@pytest.mark.parametrize(
    ("case", "rates", "expected"),
    [
        ("the one that started last", [OF_2025, OF_2026], 190),
        ("one with a start beats one that always was", [rate(200), OF_2026], 190),
        ("a future one not yet", [OF_2025, rate(210, date_from=date(2027, 1, 1))], 180),
        ("a more specific older one all the same", [OF_2026, OF_PHONE], 110),
        ("of twins the one entered last", [rate(180), rate(185)], 185),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_of_equally_specific_rates_the_latest_wins(case, rates, expected):
    assert price_of(rates, CALL) == expected
    assert price_of(reversed(rates), CALL) == expected


@pytest.mark.parametrize(
    ("is_timed", "typeless", "typed"),
    [
        # A rate without a type is an hourly rate.
        (True, 100, 110),
        (False, None, 110),
    ],
)
def test_only_time_takes_a_rate_without_a_type(is_timed, typeless, typed):
    work = Work(is_timed, PHONE, CLAIRE, PARTNER, DAY)
    assert price_of([ANY, OF_CLAIRE, OF_PARTNERS], work) == (typeless and 140)
    assert price_of([OF_PHONE], work) == typed


def test_a_timekeeper_without_a_grade_takes_no_rate_of_a_grade():
    assert price_of([OF_PARTNERS, ANY], Work(True, PHONE, PAUL, None, DAY)) == 100


@pytest.mark.parametrize(
    ("case", "lists", "expected"),
    [
        ("the matter's first", {"matter": [rate(1)], "client": [rate(2)], "firm": [rate(3)]}, ("matter", 1)),
        ("then the client's", {"matter": [], "client": [rate(2)], "firm": [rate(3)]}, ("client", 2)),
        ("whatever is more specific further off", {"matter": [ANY], "firm": [OF_CLAIRE]}, ("matter", 100)),
        ("the next when nothing applies", {"matter": [rate(1, type_id=HEARING)], "firm": [ANY]}, ("firm", 100)),
        ("nothing agreed anywhere", {"matter": [], "firm": [rate(1, user_id=PAUL)]}, None),
        ("no list", {}, None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_closest_list_that_answers_wins(case, lists, expected):
    found = choose_rate(list(lists.items()), CALL)
    assert (found and (found[0], found[1].price)) == expected


def test_a_disbursement_never_takes_a_rate():
    """It is billed at its exact cost (CGI art. 267, II-2°)."""
    work = Work(False, COPIES, CLAIRE, PARTNER, DAY, is_exact=True)
    assert choose_rate([("matter", [ANY, rate(50, type_id=COPIES)])], work) is None
