"""Texts that are printed."""


def split_text(text: str, size: int) -> list[str]:
    """Parts of ``text`` of about ``size`` characters, cut between lines or words; nothing of it is lost.

    A row of a table that is as long as a page breaks badly: wkhtmltopdf prints it over the head that the next page
    repeats.

    >>> split_text("one two three", 8)
    ['one two', 'three']
    >>> split_text("one\\ntwo\\n\\nthree", 8)
    ['one\\ntwo\\n', 'three']
    >>> split_text("", 8)
    ['']
    """
    parts = [""]
    for number, line in enumerate(text.split("\n")):
        for index, word in enumerate(line.split(" ")):
            separator = " " if index else "\n" if number else ""
            if parts[-1] and len(parts[-1]) + len(separator) + len(word) > size:
                parts.append(word)
            else:
                parts[-1] += separator + word
    return parts
