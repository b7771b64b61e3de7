"""Words of names, as people type them and as they are searched.

Whoever searches types neither accents nor punctuation, and not always the whole word. Names are therefore
stored once more as *words*: letters without accents and digits, in small letters, between single blanks.
The blank before and after each word lets a plain ``LIKE`` tell the start of a word from its middle.
"""

import re
import unicodedata

#: Letters that Unicode does not take apart.
LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})

#: How near a word of the query is to a name: the whole word, the start of one, or any part.
PATTERNS = WHOLE_WORD, START_OF_WORD, ANYWHERE = ("% {} %", "% {}%", "%{}%")

#: Shorter and longer words are taken as they are; up to this size, a slip is forgiven in a whole word only.
MIN_SLIP_SIZE, SHORT_SIZE = 3, 4
#: Nobody types more: a pasted page would keep the database busy for minutes.
MAX_SLIP_SIZE, MAX_WORDS = 30, 20
ANY_LETTER = "[^ ]"


def split_words(text):
    """Return the words of ``text``, ready to be compared.

    >>> split_words("Lefèvre c/ Société d'Œuvres (n° 12_3)")
    ['lefevre', 'c', 'societe', 'd', 'oeuvres', 'n', '12', '3']
    >>> split_words("2026-0014")
    ['2026', '0014']
    >>> split_words("% _ ")
    []
    """
    # Taken apart before as well: some capitals are hidden in what Unicode takes apart (the "A" of formulas).
    plain = unicodedata.normalize("NFKD", text or "").casefold().translate(LETTERS)
    letters = unicodedata.normalize("NFKD", plain)
    return re.findall(r"[^\W_]+", "".join(letter for letter in letters if not unicodedata.combining(letter)))


def join_words(texts):
    """Return the words of all ``texts``, in the form in which :data:`PATTERNS` find them; no word twice.

    >>> join_words(["2026-0014", "Dupont c/ Martin", None, "Dupont SA"])
    ' 2026 0014 dupont c martin sa '
    """
    words = dict.fromkeys(word for text in texts for word in split_words(text))
    return f" {' '.join(words)} "


def make_slip_pattern(word):
    """Return the regular expression of what ``word`` was meant to be, one slip of the keyboard apart.

    A slip is a wrong letter, a missing one, one too many, or two that changed places. What follows the word
    is free, for people stop typing early, except after a short word, which would match nearly anything. A
    number is what it is: its neighbour is another matter.

    >>> import re
    >>> names = join_words(["2026-0014", "Martin", "Lefèvre", "SCI Lys"])
    >>> [typed for typed in ("mrtin", "mortin", "maartin", "matrin", "lefebvre", "mratni", "lis", "ly", "0013")
    ...  if re.search(make_slip_pattern(typed), names)]
    ['mrtin', 'mortin', 'maartin', 'matrin', 'lefebvre', 'lis', 'ly']
    """
    size = len(word)
    if not MIN_SLIP_SIZE <= size <= MAX_SLIP_SIZE or not word.isalpha():
        return f" {word}"
    variants = [word[:i] + ANY_LETTER + word[i + 1 :] for i in range(size)]
    variants += [word[:i] + ANY_LETTER + word[i:] for i in range(size)]
    variants += [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(size - 1)]
    if size > SHORT_SIZE:
        variants += [word[:i] + word[i + 1 :] for i in range(size)]
    return f" ({'|'.join(dict.fromkeys(variants))})" + (" " if size <= SHORT_SIZE else "")
