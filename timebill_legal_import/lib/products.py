"""Layouts of the files that other products write.

A :class:`Product` is recognised by its header. It says which of its columns is which field of an activity, and how to
compute what no column says by itself: computed columns are added on the right, where the import window shows them with
their values. The user may map any column otherwise before anything is imported.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

import pytz

from .durations import read_duration

YES = {"yes", "y", "true", "1", "x", "oui", "o", "vrai", "ja", "si", "sí"}
NO = {"no", "n", "false", "0", "non", "faux", "nein"}

#: Currency in a header: Amount (EUR)
CURRENCY = re.compile(r" \([a-z]{3}\)$")

#: Orders of dates, in the notation of strptime. Each reads what the others do not, except the first two.
DATE_FORMATS = ("%m/%d/%Y", "%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d", "%d-%m-%Y")


class Row:
    """A row of the file, by the names of its columns."""

    def __init__(self, columns, cells, reading):
        self._columns, self._cells, self.reading = columns, cells, reading

    def get(self, *names):
        """Text in the first of these columns that is filled, or an empty text."""
        for name in names:
            index = self._columns.get(name)
            if index is not None and index < len(self._cells):
                value = self._cells[index]
                text = value.isoformat() if isinstance(value, date) else str(value).strip()
                if text:
                    return text
        return ""

    def says(self, *names):
        return self.get(*names).casefold() in YES


@dataclass(frozen=True)
class Reading:
    """What it takes to read a row beside the file: time zone, and names and codes of categories in small letters."""

    zone: str = "UTC"
    categories: frozenset = frozenset()
    product: str = ""


@dataclass(frozen=True)
class Product:
    code: str
    name: str
    #: Columns that no other product has together.
    header: frozenset
    #: {column: field}; the first column that is there wins
    columns: dict
    #: {field: function of a row}
    computed: dict[str, Callable[[Row], str]]
    unit: str = ""
    decimal_separator: str = ""

    def get_mapping(self, header):
        """{index of the column: field}, of the columns that are imported as they are."""
        found, taken = {}, set()
        places = {name: index for index, name in reversed(list(enumerate(map(normalize, header))))}
        for name, field in self.columns.items():
            if name in places and field not in taken:
                found[places[name]] = field
                taken.add(field)
        return found

    def compute(self, header, rows, reading):
        """Cells of the computed columns, by row."""
        columns = {name: index for index, name in reversed(list(enumerate(map(normalize, header))))}
        return [[read(Row(columns, row, reading)) for read in self.computed.values()] for row in rows]


def normalize(header):
    """
    >>> normalize(" Billable Rate (EUR)"), normalize("Duration (h)")
    ('billable rate', 'duration (h)')
    """
    return CURRENCY.sub("", " ".join(str(header).split()).casefold())


def recognize(header):
    """Product that writes this header, or None."""
    names = set(map(normalize, header))
    return next((product for product in PRODUCTS.values() if product.header <= names), None)


def find_date_formats(texts):
    """Formats that read all dates, the best ones where none does; several when they disagree.

    >>> find_date_formats(["03/04/2026", "03/17/2026"]), find_date_formats(["03/04/2026"])
    (['%m/%d/%Y'], ['%m/%d/%Y', '%d/%m/%Y'])
    """
    read_by = {}
    for date_format in DATE_FORMATS:
        read = [_read_date(text, date_format) for text in texts]
        if any(read):
            read_by[date_format] = read
    most = max((sum(map(bool, read)) for read in read_by.values()), default=0)
    best = {date_format: read for date_format, read in read_by.items() if sum(map(bool, read)) == most}
    first = next(iter(best.values()), None)
    return list(best)[:1] if all(read == first for read in best.values()) else list(best)


def _read_date(text, date_format):
    try:
        return datetime.strptime(text, date_format)
    except ValueError:
        return None


#=== COMPUTED COLUMNS ===#


def known_category(*names):
    """The first of these columns, or of the tags in them, that is a category of the firm; else the default one."""

    def read(row):
        words = [word.strip() for name in names for word in (row.get(name), *row.get(name).split(","))]
        return next((word for word in words if word.casefold() in row.reading.categories), "")

    return read


def billed_before(said, *numbers):
    """Number of the invoice, or the product in which the work was marked as billed; only of billable work."""

    def read(row):
        if not row.says(said) or row.get("billable", "billable?").casefold() in NO:
            return ""
        return row.get(*numbers) or row.reading.product

    return read


def price_of_billable(*names):
    """What is not billable needs no price; without a rate, products write 0."""
    return lambda row: "" if row.get("billable", "billable?").casefold() in NO else row.get(*names)


def kimai_price(hourly, fixed):
    """Hourly rate; of work at a fixed price, the one at which the work costs that price."""

    def read(row):
        try:
            price = Decimal(row.get(fixed) or 0)
            minutes = read_duration(row.get("duration"), PRODUCTS[kimai_product(row)].unit) if price else 0
        except (InvalidOperation, ValueError):
            return row.get(fixed)
        return f"{price * 60 / minutes:.6f}" if minutes else price_of_billable(hourly)(row)

    return read


def kimai_product(row):
    return "kimai_import" if row.get("hourlyrate") else "kimai"


def unguarded(name):
    """Without the sign by which Kimai keeps spreadsheets from computing a text."""
    return lambda row: re.sub(r"^' ?(?=[=+\-@])", "", row.get(name))


def local(name):
    """A moment in UTC, in the time zone of the user."""

    def read(row):
        moment = _read_moment(row.get(name))
        return moment.astimezone(pytz.timezone(row.reading.zone)).date().isoformat() if moment else row.get(name)

    return read


def between(start, end):
    """Duration, in clock time, from one moment to another."""

    def read(row):
        first, last = _read_moment(row.get(start)), _read_moment(row.get(end))
        if not first or not last or last < first:
            return f"{row.get(start)} – {row.get(end)}"
        seconds = round((last - first).total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"

    return read


def _read_moment(text):
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else pytz.utc.localize(moment)


def is_clio_expense(row):
    return row.get("type").casefold().startswith("expense")


#=== PRODUCTS ===#

PRODUCTS = {
    product.code: product
    for product in (
        Product(
            "clockify",
            "Clockify",
            frozenset({"project", "start date", "start time", "duration (decimal)"}),
            {
                "start date": "date",
                "project": "matter_id",
                "client": "partner_id",
                "description": "description",
                "user": "user_id",
                "billable": "billable",
                "duration (h)": "duration",
                "duration (decimal)": "duration",
            },
            {
                "type_id": known_category("task", "tags"),
                "price_unit": price_of_billable("billable rate"),
                "former_invoice": billed_before("invoiced", "invoice id"),
            },
            "hours",
            ".",
        ),
        Product(
            "toggl",
            "Toggl Track",
            frozenset({"project", "start date", "start time", "duration", "tags"}),
            {
                "start date": "date",
                "project": "matter_id",
                "client": "partner_id",
                "description": "description",
                "user": "user_id",
                "member": "user_id",
                "billable": "billable",
                "duration": "duration",
            },
            {"type_id": known_category("task", "tags")},
            "hours",
            ".",
        ),
        Product(
            "harvest",
            "Harvest",
            frozenset({"project", "project code", "hours", "first name", "last name"}),
            {
                "date": "date",
                "client": "partner_id",
                "task": "type_id",
                "notes": "description",
                "hours": "duration",
                "billable?": "billable",
            },
            {
                "matter_id": lambda row: row.get("project code", "project"),
                "user_id": lambda row: f"{row.get('first name')} {row.get('last name')}".strip(),
                "price_unit": price_of_billable("billable rate"),
                "former_invoice": billed_before("invoiced?"),
            },
            "hours",
        ),
        Product(
            "kimai",
            "Kimai",
            frozenset({"date", "from", "to", "duration", "hourly price", "activity"}),
            {
                "date": "date",
                "customer": "partner_id",
                "activity": "type_id",
                "name": "user_id",
                "duration": "duration",
                "billable": "billable",
            },
            {
                "matter_id": lambda row: row.get("project number", "project"),
                "description": unguarded("description"),
                "price_unit": kimai_price("hourly price", "fixed price"),
                "former_invoice": billed_before("exported"),
            },
            "hours",
            ".",
        ),
        Product(
            "kimai_import",
            "Kimai (import bundle)",
            frozenset({"date", "from", "to", "duration", "hourlyrate", "activity"}),
            {
                "date": "date",
                "customer": "partner_id",
                "project": "matter_id",
                "activity": "type_id",
                "user": "user_id",
                "duration": "duration",
            },
            {
                "description": unguarded("description"),
                "price_unit": kimai_price("hourlyrate", "fixedrate"),
                "former_invoice": billed_before("exported"),
            },
            "seconds",
            ".",
        ),
        Product(
            "solidtime",
            "Solidtime",
            frozenset({"project", "start", "end", "user_name"}),
            {
                "project": "matter_id",
                "client": "partner_id",
                "description": "description",
                "user_name": "user_id",
                "billable": "billable",
            },
            {
                "date": local("start"),
                "duration": between("start", "end"),
                "type_id": known_category("task", "tags"),
            },
        ),
        Product(
            "clio",
            "Clio",
            frozenset({"matter", "date", "activity_description", "quantity", "activity_user"}),
            {
                "matter": "matter_id",
                "date": "date",
                "activity_description": "type_id",
                "note": "description",
                "price": "price_unit",
                "activity_user": "user_id",
            },
            {
                "duration": lambda row: "" if is_clio_expense(row) else row.get("quantity"),
                "quantity": lambda row: row.get("quantity") if is_clio_expense(row) else "",
                "billable": lambda row: "no" if row.says("non_billable") else "yes",
            },
            "hours",
            ".",
        ),
    )
}
