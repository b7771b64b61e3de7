"""Normalization of names and queries for the search of matters.

Users type neither accents nor punctuation, and often only the beginning of a word. Names are therefore stored a second
time as *words*: lower-case letters without accents and digits, separated by single spaces. Each word has a space before
and after it, so that ``LIKE`` can distinguish the beginning of a word from its middle.
"""

import re
import unicodedata

#: Letters that Unicode does not decompose.
LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})

#: ``LIKE`` patterns by decreasing relevance: whole word, beginning of a word, part of a word.
PATTERNS = WHOLE_WORD, START_OF_WORD, ANYWHERE = ("% {} %", "% {}%", "%{}%")

#: Number of letters of the words in which a typing error is tolerated.
MIN_TYPO_SIZE, MAX_TYPO_SIZE = 3, 30
#: Up to this number of letters, a typing error is tolerated in whole words only, not in their beginnings.
SHORT_SIZE = 4
#: Further words of a query are ignored: a pasted page would keep the database busy for minutes.
MAX_WORDS = 20
#: Letters of a printed name, and words of its reference.
MAX_NAME, MAX_REFERENCE_WORDS = 500, 5
ANY_LETTER = "[^ ]"


def split_words(text):
    """Return the normalized words of ``text``.

    >>> split_words("Lefèvre c/ Société d'Œuvres (n° 12_3)")
    ['lefevre', 'c', 'societe', 'd', 'oeuvres', 'n', '12', '3']
    >>> split_words("2026-0014")
    ['2026', '0014']
    >>> split_words("% _ ")
    []
    """
    # Decomposed before casefold() as well: some capitals result from the decomposition only (mathematical letters).
    plain = unicodedata.normalize("NFKD", text or "").casefold().translate(LETTERS)
    letters = unicodedata.normalize("NFKD", plain)
    return re.findall(r"[^\W_]+", "".join(letter for letter in letters if not unicodedata.combining(letter)))


def split_printed_name(text):
    """What may be the reference and the title in a name that holds both, one after the other.

    >>> split_printed_name("2026-0101 Corlay – bail")
    [('2026-0101', 'Corlay – bail'), ('2026-0101 Corlay', 'bail'), ('2026-0101 Corlay –', 'bail')]
    """
    words = text[:MAX_NAME].split()
    pairs = [(" ".join(words[:i]), " ".join(words[i:]).lstrip("-–—:· ")) for i in range(1, len(words))]
    return [(reference, title) for reference, title in pairs[:MAX_REFERENCE_WORDS] if title]


def join_words(texts):
    """Return the words of all ``texts`` without duplicates, in the form in which :data:`PATTERNS` match them.

    >>> join_words(["2026-0014", "Dupont c/ Martin", None, "Dupont SA"])
    ' 2026 0014 dupont c martin sa '
    """
    words = dict.fromkeys(word for text in texts for word in split_words(text))
    return f" {' '.join(words)} "


def make_typo_pattern(word):
    """Return a regular expression that matches ``word`` with one typing error.

    A typing error is a wrong, missing or additional letter, or two letters swapped. ``word`` also matches beginnings of
    words, except short ones, which would match nearly everything. Words with digits must match exactly: another number
    is another matter.

    >>> import re
    >>> names = join_words(["2026-0014", "Martin", "Lefèvre", "SCI Lys"])
    >>> [typed for typed in ("mrtin", "mortin", "maartin", "matrin", "lefebvre", "mratni", "lis", "ly", "0013")
    ...  if re.search(make_typo_pattern(typed), names)]
    ['mrtin', 'mortin', 'maartin', 'matrin', 'lefebvre', 'lis', 'ly']
    """
    size = len(word)
    if not MIN_TYPO_SIZE <= size <= MAX_TYPO_SIZE or not word.isalpha():
        return f" {word}"
    variants = [word[:i] + ANY_LETTER + word[i + 1 :] for i in range(size)]
    variants += [word[:i] + ANY_LETTER + word[i:] for i in range(size)]
    variants += [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(size - 1)]
    if size > SHORT_SIZE:
        variants += [word[:i] + word[i + 1 :] for i in range(size)]
    return f" ({'|'.join(dict.fromkeys(variants))})" + (" " if size <= SHORT_SIZE else "")


def find_words(words, texts):
    """Return whether one of ``words`` stands in ``texts``, perhaps with a typing error.

    >>> find_words(["lefevre"], ["SCI Lys", "Cabinet Lefèvre"]), find_words(["lefvre"], ["Lefèvre"])
    (True, True)
    >>> find_words(["martin"], ["SCI Lys", None])
    False
    """
    text = join_words(texts)
    return any(word in text or re.search(make_typo_pattern(word), text) for word in words)
