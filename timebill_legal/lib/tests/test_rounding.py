import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..durations import MINUTES_PER_DAY
from ..rounding import Rule

minutes = st.integers(1, MINUTES_PER_DAY)
increments = st.sampled_from([1, 5, 6, 10, 12, 15, 30, 60]) | st.integers(1, 60)
plain_rules = st.builds(Rule, increments, st.booleans())
#: As the settings allow them: the minimum is a multiple of the increment.
rules = st.builds(
    lambda increment, up, steps, per_day: Rule(increment, up, steps * increment, per_day),
    increments,
    st.booleans(),
    st.integers(0, 10),
    st.booleans(),
)
day_rules = rules.map(lambda rule: Rule(rule.increment, rule.up, rule.minimum, per_day=True))
#: A day: entries are added (None) or the worked time of an earlier one is corrected (its position).
days = st.lists(st.tuples(st.integers(1, 240), st.none() | st.integers(0, 20)), min_size=1, max_size=12)


class TestRound:
    @given(rules, minutes)
    def test_the_result_is_a_multiple_of_the_increment(self, rule, worked):
        assert rule.round(worked) % rule.increment == 0

    @given(rules, minutes)
    def test_what_is_rounded_stays_so(self, rule, worked):
        assert rule.round(rule.round(worked)) == rule.round(worked)

    @given(rules, minutes)
    def test_the_minimum_is_kept(self, rule, worked):
        assert rule.round(worked) >= rule.minimum

    @given(rules, minutes)
    def test_who_works_longer_is_not_billed_less(self, rule, worked):
        assert rule.round(worked) <= rule.round(worked + 1)

    @given(plain_rules, minutes)
    def test_rounding_stays_near_the_time_worked(self, rule, worked):
        difference = rule.round(worked) - worked
        if rule.up:
            assert 0 <= difference < rule.increment
        else:
            assert -rule.increment < 2 * difference <= rule.increment

    @given(rules)
    def test_no_work_is_not_billed(self, rule):
        assert rule.round(0) == rule.propose(0, 60, 0) == 0

    @given(minutes)
    def test_no_rule_changes_nothing(self, worked):
        assert Rule().propose(worked) == worked

    def test_an_increment_is_a_number_of_minutes(self):
        with pytest.raises(ValueError, match="rounds nothing"):
            Rule(increment=0).round(10)


class TestPropose:
    @given(rules, minutes, st.integers(0, 3000), st.integers(0, 3000))
    def test_an_entry_lies_within_a_day(self, rule, worked, others_worked, others_proposed):
        assert 0 <= rule.propose(worked, others_worked, others_proposed) <= MINUTES_PER_DAY

    @given(rules, minutes, st.integers(0, 3000), st.integers(0, 3000))
    def test_alone_or_per_entry_it_is_simply_rounded(self, rule, worked, others_worked, others_proposed):
        expected = min(rule.round(worked), MINUTES_PER_DAY)
        assert rule.propose(worked) == expected
        assert rule.per_day or rule.propose(worked, others_worked, others_proposed) == expected

    @given(day_rules, days)
    def test_the_day_adds_up_to_its_rounded_sum(self, rule, changes):
        """Entries added and corrected in any order; a correction that cannot be borne leaves too much, never less."""
        worked, proposed = [], []
        for minutes_worked, position in changes:
            if position is None or not worked:
                worked.append(0)
                proposed.append(0)
                position = len(worked) - 1
            index = position % len(worked)
            worked[index], proposed[index] = minutes_worked, 0
            others = sum(worked) - minutes_worked
            proposed[index] = rule.propose(minutes_worked, others, sum(proposed))
            others_too_high = sum(proposed) - proposed[index] > rule.round(sum(worked))
            assert sum(proposed) == rule.round(sum(worked)) or (others_too_high and not proposed[index])

    @given(day_rules, st.lists(st.integers(1, 240), min_size=1, max_size=12))
    def test_a_day_that_is_only_entered_always_adds_up(self, rule, worked):
        proposed = []
        for number, minutes_worked in enumerate(worked):
            proposed.append(rule.propose(minutes_worked, sum(worked[:number]), sum(proposed)))
        assert sum(proposed) == rule.round(sum(worked))


class TestProposeAgain:
    @given(day_rules, st.lists(st.tuples(st.integers(1, 100), st.integers(0, 300), st.booleans()), max_size=12))
    def test_the_day_adds_up_unless_what_is_fixed_exceeds_it(self, rule, entries):
        again = rule.propose_again(entries)
        assert all(new == old for new, (_worked, old, fixed) in zip(again, entries, strict=True) if fixed)
        total = rule.round(sum(worked for worked, *_ in entries))
        fixed_total = sum(proposed for _worked, proposed, fixed in entries if fixed)
        if all(fixed for *_, fixed in entries):
            assert sum(again) == fixed_total
        else:
            assert sum(again) == max(total, fixed_total)

    @given(day_rules, st.lists(st.tuples(st.integers(1, 100), st.integers(0, 300), st.booleans()), max_size=12))
    def test_once_is_enough(self, rule, entries):
        again = rule.propose_again(entries)
        entries = [(worked, new, fixed) for new, (worked, _old, fixed) in zip(again, entries, strict=True)]
        assert rule.propose_again(entries) == again
