"""From the work of a lawyer to the e-mail of its invoice: a real Odoo server, a real SMTP server.

Sophie, a lawyer, opens a matter and enters her work; Brigitte, who bills, presses the buttons; what came of it is
read at the SMTP server and on the invoice.
"""

import re
import uuid

import pytest

from dev.server import running_server
from dev.tests.client import Client, Refused, pdf_text, running_mailbox

#: What Sophie enters: kind, category, what is measured, text.
WORK = [
    ("time", "Téléphone", {"duration": 75, "price_unit": 240}, "Appel du greffe sur la date de plaidoirie"),
    ("time", "Correspondance", {"duration": 5, "price_unit": 200}, "Message au confrère"),
    ("service", "Rédaction d'acte", {"quantity": 1, "price_unit": 1400}, "Projet de protocole transactionnel"),
    ("expense", "Copies", {"quantity": 214, "price_unit": 0.2}, "Copies du dossier de plaidoirie"),
    ("disbursement", "Timbre fiscal d'appel", {"quantity": 1, "price_unit": 225}, "Timbre de la déclaration d'appel"),
]
#: (300,00 + 16,67 + 1 400,00 + 42,80) × 1,20 + 225,00
TOTAL = "Total TTC 2 336,36 €"
#: Templates of everything that leaves: their English terms must not.
TEMPLATES = [
    "account.report_invoice_document",
    "account.document_tax_totals_template",
    "timebill_legal.report_invoice_detail",
    "timebill_legal.report_matter_annex_document",
    "web.external_layout_standard",
    "mail.mail_notification_layout",
]
#: Their terms that are French too.
FRENCH_TOO = {"Date", "Description", "Odoo", "Page", "SIRET", "Source", "Taxes", "Total"}


@pytest.fixture(scope="module")
def mail_server():
    """Return a mailbox behind a real SMTP server, and its port."""
    with running_mailbox() as mailbox_and_port:
        yield mailbox_and_port


@pytest.fixture
def mailbox(mail_server):
    """Return the mailbox, which accepts everything."""
    mailbox, _port = mail_server
    mailbox.refuse = False
    return mailbox


@pytest.fixture(scope="module")
def login(database, mail_server):
    """Return a function that logs somebody in, on a server that sends its e-mails to the mailbox."""
    with running_server(database, "--max-cron-threads=0") as address:
        # An administrator who logs in tells Odoo its address, where the PDF fetches its style sheets.
        admin = Client(address, database.name, "admin")
        admin.call("ir.mail_server", "write", admin.find("ir.mail_server", []), {"active": False})
        port = {"smtp_host": "127.0.0.1", "smtp_port": mail_server[1], "smtp_encryption": "none"}
        admin.save("ir.mail_server", {"name": "Journey", **port})
        yield lambda name: Client(address, database.name, name)


@pytest.fixture(scope="module")
def english_terms(login):
    """Return the terms of the printed templates as they are in English."""
    admin = login("admin")
    domain = [("type", "=", "qweb"), "|", ("key", "in", TEMPLATES), ("inherit_id.key", "in", TEMPLATES)]
    terms = set()
    for view_id in admin.find("ir.ui.view", domain):
        translations, _context = admin.call("ir.ui.view", "get_field_translations", [view_id], "arch_db", ["en_US"])
        for translation in translations:
            terms.update(part.strip(" \n:.,") for part in re.split(r"<[^>]*>", translation["source"]))
    assert {"Invoice Date", "Due Date", "Payment Communication", "Timekeeper"} <= terms
    terms |= {"Detail of work", "Detail of expenses", "Detail of disbursements"}  # from the table of kinds
    return {term for term in terms if re.search(r"[A-Za-z]{3}", term)} - FRENCH_TOO


def open_matter(sophie, *, email=True, **values):
    """Let Sophie open a matter for a new client and enter her work; return (client's e-mail, matter)."""
    address = f"{uuid.uuid4().hex[:12]}@example.com" if email else False
    partner = {"name": "Atelier Bertin", "is_company": True, "lang": "fr_FR", "email": address}
    partner_id = sophie.save("res.partner", partner)
    clients = [[0, 0, {"partner_id": partner_id}]]
    matter_id = sophie.save("timebill.matter", {"name": "Bertin c/ Morand", "client_ids": clients, **values})
    for kind, category, measures, text in WORK:
        (type_id,) = sophie.find("timebill.activity.type", [("kind", "=", kind), ("name", "=", category)])
        activity = {"matter_id": matter_id, "kind": kind, "type_id": type_id, "description": text, **measures}
        sophie.save("timebill.activity", activity)
    return address, matter_id


def bill_and_send(biller, matter_id):
    """Press Bill on the matter, save and send in the window, send in Odoo's own; return the invoice."""
    window = biller.press("timebill.matter", "action_bill", matter_id)
    biller.save("timebill.bill", {"invoice_date": False}, window["res_id"], context=window["context"])
    answer = biller.press("timebill.bill", "action_save_and_send", window["res_id"], context=window["context"])
    sending = answer["params"]["send"]  # what opens over the invoice
    (move_id,) = sending["context"]["active_ids"]
    wizard_id = biller.save(sending["res_model"], {}, context=sending["context"])
    biller.press(sending["res_model"], "action_send_and_print", wizard_id, context=sending["context"])
    return move_id


def read_pdfs(message):
    """Return {file name: text} of the attachments of an e-mail."""
    parts = list(message.iter_attachments())
    assert {part.get_content_type() for part in parts} == {"application/pdf"}
    return {part.get_filename(): pdf_text(part.get_content()) for part in parts}


def assert_french(text, english_terms):
    """No English term of a template stands in the text."""
    words = " ".join(text.split())
    assert not [term for term in english_terms if re.search(rf"(?<!\w){re.escape(term)}(?!\w)", words)]


def test_the_client_receives_the_invoice_with_every_piece_of_work(login, mailbox, english_terms):
    """The e-mail reaches the client's mail server: number, total and work on its PDF, all in French."""
    biller = login("brigitte")
    email, matter_id = open_matter(login("sophie"))
    move_id = bill_and_send(biller, matter_id)

    message = mailbox.wait_for(email)
    invoice = biller.read("account.move", move_id, "name", "timebill_sending_state", "status_in_payment")
    number, reference = invoice["name"], biller.read("timebill.matter", matter_id, "reference")
    assert number.startswith("FAC/")
    assert message["Subject"].endswith(f"Facture (Réf {number})")
    assert_french(message.get_body(("html",)).get_content(), english_terms)
    ((name, text),) = read_pdfs(message).items()
    assert name == f"{number.replace('/', '_')}.pdf"
    for expected in [f"Facture {number}", reference, TOTAL, "Détail des diligences", "1 h 15", "1,25 h"]:
        assert expected in text
    for *_others, narrative in WORK:
        assert narrative in text
    assert_french(text, english_terms)
    assert not re.search("Livraison de biens|Opération mixte|débits", text)
    assert (invoice["timebill_sending_state"], invoice["status_in_payment"]) == ("sent", "sent")


def test_an_invoice_whose_e_mail_is_refused_has_failed(login, mailbox):
    """What the mail server refuses is not sent, whatever Odoo says of its PDF."""
    mailbox.refuse = True
    biller = login("brigitte")
    email, matter_id = open_matter(login("sophie"))
    move_id = bill_and_send(biller, matter_id)
    assert not mailbox.has_message_for(email)
    names = ("state", "timebill_sending_state", "status_in_payment", "move_sent_values")
    invoice = biller.read("account.move", move_id, *names)
    del invoice["id"]
    assert invoice == {
        "state": "posted",
        "timebill_sending_state": "failed",
        "status_in_payment": "posted",
        "move_sent_values": "not_sent",
    }


def test_a_client_without_e_mail_is_sent_nothing(login, mailbox):
    """The invoice waits to be sent."""
    biller = login("brigitte")
    _email, matter_id = open_matter(login("sophie"), email=False)
    before = len(mailbox.messages)
    move_id = bill_and_send(biller, matter_id)
    assert biller.read("account.move", move_id, "timebill_sending_state") == "to_send"
    assert len(mailbox.messages) == before


def test_the_work_of_a_confidential_matter_leaves_on_an_annex(login, mailbox, english_terms):
    """The client receives it; who reads the invoice and its messages does not."""
    sophie, claire, biller = login("sophie"), login("claire"), login("brigitte")
    email, matter_id = open_matter(sophie, confidential=True)
    sophie.save("timebill.matter", {"member_ids": [[4, claire.context["uid"]]]}, matter_id)
    move_id = bill_and_send(claire, matter_id)

    pdfs = read_pdfs(mailbox.wait_for(email))
    number = biller.read("account.move", move_id, "name")
    reference = claire.read("timebill.matter", matter_id, "reference")
    annex = pdfs.pop(f"Détail des diligences {reference} {number.replace('/', '-')}.pdf")
    (invoice,) = pdfs.values()
    for *_others, narrative in WORK:
        assert narrative in annex
        assert narrative not in invoice
    assert f"Annexe à la facture {number}" in annex
    assert_french(annex + invoice, english_terms)

    on_matter = [("res_model", "=", "timebill.matter"), ("res_id", "=", matter_id)]
    (annex_id,) = claire.find("ir.attachment", on_matter)
    assert not biller.find("ir.attachment", on_matter)
    with pytest.raises(Refused):
        biller.call("ir.attachment", "read", [annex_id], ["raw"])
    on_invoice = [("model", "=", "account.move"), ("res_id", "=", move_id), ("attachment_ids", "!=", False)]
    for message_id in biller.find("mail.message", on_invoice):
        assert annex_id not in biller.read("mail.message", message_id, "attachment_ids")
