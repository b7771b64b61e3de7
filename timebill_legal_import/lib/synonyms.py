"""What people call the columns of their own lists, beside the labels of our fields."""

import re

from .products import normalize

_COLUMNS = {
    "date": "date du jour, jour, day, date de la prestation",
    "matter_id": "dossier, matter, project, projet, affaire, référence du dossier, n° de dossier, matter number, case",
    "partner_id": "client, customer",
    "type_id": "catégorie, category, activity, activité, tâche, task, prestation, nature, type d'activité",
    "user_id": "intervenant, timekeeper, user, utilisateur, collaborateur, avocat, lawyer, person, employee, member",
    "description": "description, libellé, désignation, notes, diligences, détail, commentaire, objet, narrative",
    "duration": "durée, duration, temps, heures, hours, time, temps passé, hours worked, nombre d'heures, minutes",
    "billable_duration": "temps facturable, temps facturé, billable hours, heures facturables, billable time",
    "price_unit": "tarif, taux, taux horaire, rate, hourly rate, billable rate, prix, prix unitaire, tarif horaire",
    "quantity": "quantité, quantity, qté, nombre",
    "billable": "facturable, billable, billable?, à facturer",
    "former_invoice": "facture, n° de facture, numéro de facture, invoice, invoice number, invoice id, invoiced,"
    " invoiced?, facturé, billed",
}
_SYNONYMS = {normalize(name): field for field, names in _COLUMNS.items() for name in names.split(", ")}


def find_synonym(header):
    """Field of an activity with this title, which may add a unit or a currency; else None.

    >>> find_synonym("Durée (min)"), find_synonym("Taux horaire HT (€)"), find_synonym("Color")
    ('duration', 'price_unit', None)
    """
    title = re.sub(r" ?\([^)]*\)$", "", normalize(header))
    return _SYNONYMS.get(re.sub(r" (?:ht|h\.t\.)$", "", title))
