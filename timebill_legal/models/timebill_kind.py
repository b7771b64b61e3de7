"""The four kinds of billable work and what each of them implies."""

KINDS = [
    ("time", "Time"),
    ("service", "Service"),
    ("expense", "Expense"),
    ("disbursement", "Disbursement"),
]

#: Section of the invoice under which a kind is billed (a lawyer's account shows fees, expenses
#: and disbursements apart: décret n° 2005-790 art. 12, kept by RIN art. 11-7).
SECTION_OF_KIND = {
    "time": "fees",
    "service": "fees",
    "expense": "expenses",
    "disbursement": "disbursements",
}
