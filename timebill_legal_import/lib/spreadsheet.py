"""Cells of spreadsheets as texts that say what they are."""

from datetime import datetime, time, timedelta
from decimal import Decimal

#: The first day of spreadsheets. What is dated before ``FIRST_DATE`` is a duration that looks like a date.
EPOCH, FIRST_DATE = datetime(1899, 12, 30), datetime(1900, 3, 1)


class SpreadsheetNumber(str):
    """A number as the spreadsheet keeps it: with a point for the decimals, and no other separator."""


def read_cell(value):
    """Text of the value of a cell; dates stay what they are.

    >>> [read_cell(value) for value in (None, 1.0, 0.375, True, time(1, 30), timedelta(hours=25), "a")]
    ['', '1', '0.375', 'True', '1:30:00', '25:00:00', 'a']
    >>> read_cell(datetime(2026, 3, 3)), read_cell(datetime(1899, 12, 31, 1))
    (datetime.date(2026, 3, 3), '25:00:00')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return SpreadsheetNumber(_write_number(value))
    if isinstance(value, time):
        value = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
    elif isinstance(value, datetime):
        if value >= FIRST_DATE:
            return value.date() if value.time() == time() else value
        value -= EPOCH
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return str(value)


def _write_number(value):
    if value != value or value in (float("inf"), float("-inf")):  # not a number
        return str(value)
    if value % 1 == 0:
        return str(int(value))
    return f"{Decimal(repr(value)):f}"


def read_xlsx(book, sheet):
    """Rows of a sheet of an openpyxl workbook."""
    return [[read_cell(value) for value in row] for row in book[sheet].iter_rows(values_only=True)]


def read_xls(book, sheet):
    """Rows of a sheet of an xlrd workbook."""
    import xlrd

    def read(cell):
        if cell.ctype == xlrd.XL_CELL_DATE:
            days = cell.value + (1462 if book.datemode and cell.value >= 61 else 0)
            if days < (FIRST_DATE - EPOCH).days:
                return read_cell(timedelta(days=days))
            return read_cell(EPOCH + timedelta(seconds=round(days * 86400)))
        if cell.ctype == xlrd.XL_CELL_BOOLEAN:
            return read_cell(bool(cell.value))
        if cell.ctype == xlrd.XL_CELL_ERROR:
            return xlrd.error_text_from_code.get(cell.value, "#N/A")
        return read_cell(cell.value if cell.ctype != xlrd.XL_CELL_EMPTY else None)

    table = book.sheet_by_name(sheet)
    return [[read(cell) for cell in table.row(index)] for index in range(table.nrows)]
