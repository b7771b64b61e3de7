from hypothesis import example, given
from hypothesis import strategies as st

from ..search import PATTERNS, join_words, split_words


@given(st.text())
def test_words_hold_nothing_that_a_pattern_would_take_for_a_joker(text):
    for word in split_words(text):
        assert not set(word) & set("%_\\ ")


@given(st.text())
@example("𝛢")
def test_splitting_what_is_split_changes_nothing(text):
    words = split_words(text)
    assert split_words(" ".join(words)) == words


@given(st.lists(st.text()))
def test_each_word_is_found_between_blanks(texts):
    joined = join_words(texts)
    for text in texts:
        for word in split_words(text):
            assert PATTERNS[0].strip("%").format(word) in joined
