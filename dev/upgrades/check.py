"""Run by ``odoo shell`` in an upgraded database: checks that it works. Prints one line of JSON: {check: [problem]}.

Nothing is kept of what it does.
"""

# ruff: noqa: F821 (``env`` is the shell's environment)

import json
import traceback
from ast import literal_eval

from odoo import Command, fields
from odoo.tools import file_open, float_compare
from odoo.tools.safe_eval import safe_eval
from odoo.tools.translate import TranslationModuleReader, translation_file_reader

env = env(context={**env.context, "lang": "fr_FR", "tz": "Europe/Paris"})
admin = env.ref("base.user_admin")
sophie, hugo, brigitte, claire = (
    env.ref(f"timebill_legal.demo_user_{login}") for login in ("sophie", "hugo", "brigitte", "claire")
)
addons = env["ir.module.module"].search([("name", "=like", "timebill%"), ("state", "=", "installed")]).mapped("name")
CHECKS = {}
#: What is found once, when work is recorded: rates that change afterwards do not change it.
FOUND_ONCE = {"timebill.activity": {"rate_price", "rate_level", "rate_id"}}


def check(function):
    """Add a check, a function that yields its problems; an exception is one as well, and what it wrote is undone."""

    class Undo(Exception):
        """Rolls back the savepoint."""

    def problems():
        try:
            with env.cr.savepoint():
                found = list(function())
                env.flush_all()
                raise Undo
        except Undo:
            env.invalidate_all(flush=False)
            return found
        except Exception:
            env.transaction.clear()
            return [traceback.format_exc()]

    CHECKS[function.__name__] = problems
    return function


def is_ours(field):
    """Tell whether one of our add-ons defines a field, or the model that has it."""
    return field.model_name.startswith("timebill.") or (field._module or "").startswith("timebill")


def is_equal(field, record, value, other):
    """Compare two values of a field as its users do: amounts in their currency."""
    if field.type == "monetary":
        currency = record[field.get_currency_field(record)]
        return not currency.compare_amounts(value, other) if currency else value == other
    if field.type == "float":
        return not float_compare(value, other, precision_digits=6)
    return value == other


@check
def stored_computes():
    """The values that the upgrade wrote are those that Odoo computes."""
    for name, model in env.items():
        if model._abstract or model._transient or not model._auto:
            continue
        computed = [
            field
            for field in model._fields.values()
            if field.store and field.compute and field.readonly and not field.inverse and is_ours(field)
            and field.name not in FOUND_ONCE.get(name, ())
        ]
        records = model.with_context(active_test=False).search([]) if computed else model
        for field in computed:
            before = {record: record[field.name] for record in records}
            env.add_to_compute(field, records)
            records._recompute_recordset([field.name])
            wrong = [record for record in records if not is_equal(field, record, before[record], record[field.name])]
            if wrong:
                record = wrong[0]
                yield f"{field}: {len(wrong)} wrong, e.g. {record}: {before[record]!r} is {record[field.name]!r}"


@check
def views():
    """Every action of ours opens, and its views are valid."""
    data = env["ir.model.data"].search([("model", "=", "ir.actions.act_window"), ("module", "in", addons)])
    for action in env["ir.actions.act_window"].browse(data.mapped("res_id")):
        env[action.res_model].with_user(admin).get_views(action.views)
    data = env["ir.model.data"].search([("model", "=", "ir.ui.view"), ("module", "in", addons)])
    for view in env["ir.ui.view"].browse(data.mapped("res_id")):
        view._check_xml()
    yield from ()


@check
def saved_filters():
    """Filters and lists of exported columns work as before."""
    for saved in env["ir.filters"].search([]):
        model = env[saved.model_id]
        try:
            model = model.with_user(saved.user_ids[:1] or admin)
            domain = safe_eval(saved.domain, {"uid": env.uid})
            model.search(domain)
            model.formatted_read_group(domain, literal_eval(saved.context).get("group_by", []), ["__count"])
        except Exception as error:
            yield f"{saved.name} ({saved.model_id} {saved.domain}, {saved.context}): {error!r}"
    for export in env["ir.exports"].search([]):
        records = env[export.resource].search([], limit=2)
        try:
            records.export_data(export.export_fields.mapped("name"))
        except Exception as error:
            yield f"{export.name} ({export.resource}): {error!r}"


@check
def leftovers():
    """No record refers to a removed model or field."""
    for model in env["ir.model"].search([("model", "=like", "timebill%")]):
        if model.model not in env:
            yield f"model {model.model}"
    for field in env["ir.model.fields"].search([]):
        if field.model in env and field.name not in env[field.model]._fields:
            yield f"field {field.model}.{field.name}"
    for data in env["ir.model.data"].search([("module", "=like", "timebill%")]):
        if data.model in env and not env[data.model].browse(data.res_id).exists():
            yield f"external identifier {data.complete_name} of {data.model}"


@check
def french():
    """The interface is in French as in a new database."""
    # What another add-on defines as well, its own translations name.
    env.cr.execute(
        """
        SELECT ours.module || '.' || ours.name FROM ir_model_data AS ours JOIN ir_model_data AS other
            ON (other.model, other.res_id) = (ours.model, ours.res_id) AND other.module NOT LIKE 'timebill%%'
         WHERE ours.module LIKE 'timebill%%'
        """
    )
    shared = {xmlid for (xmlid,) in env.cr.fetchall()}
    for addon in addons:
        there = {
            (name, xmlid, source): value or source
            for _addon, _kind, name, xmlid, source, value, _comments in TranslationModuleReader(
                env.cr, [addon], "fr_FR"
            )
        }
        with file_open(f"{addon}/i18n/fr.po", "rb") as file:
            for row in translation_file_reader(file):
                if row["type"] == "code":
                    continue
                key = row["name"], f"{row['module']}.{row['imd_name']}", row["src"]
                value = there.get(key, row["value"])
                if key[1] not in shared and value != row["value"]:
                    yield f"{key}: {value!r} instead of {row['value']!r}"


@check
def billing():
    """Bill a matter, post the invoice, credit it: its work is to bill again."""
    Activity = env["timebill.activity"].with_user(brigitte)
    matter = env.ref("timebill_legal.demo_matter_parc").with_user(brigitte)
    action = matter.action_bill()
    window = env[action["res_model"]].with_user(brigitte).browse(action["res_id"])
    activities = Activity.browse(window.line_ids.filtered("included").activity_id.ids)
    to_bill = sum(activities.mapped("amount_to_bill"))
    move = window._create_invoices()
    if move.currency_id.compare_amounts(move.amount_untaxed, to_bill):
        yield f"billed {move.amount_untaxed} of {to_bill}"
    move.action_post()
    if set(activities.mapped("billing_state")) != {"billed"}:
        yield f"after posting: {activities.mapped('billing_state')}"
    yield from credit(move, activities)


def credit(move, activities):
    """Credit an invoice in full; all its activities are to bill again."""
    reversal = env["account.move.reversal"].with_user(brigitte)
    window = reversal.with_context(active_model="account.move", active_ids=move.ids).create(
        {"journal_id": move.journal_id.id}
    )
    note = env["account.move"].browse(window.refund_moves()["res_id"])
    note.action_post()
    if note.amount_total != move.amount_total:
        yield f"credited {note.amount_total} of {move.amount_total}"
    if set(activities.mapped("billing_state")) != {"to_bill"}:
        yield f"{move.name} credited: {activities.mapped('billing_state')}"


@check
def older_documents():
    """Post an old draft, credit an old invoice; all credit notes have their credited activities."""
    for move in env["account.move"].search([("move_type", "=", "out_refund"), ("state", "=", "posted")]):
        if move.timebill_notice:
            yield f"{move.name}: {move.timebill_notice}"
    drafts = env["account.move"].search([("move_type", "=", "out_invoice"), ("state", "=", "draft")])
    for move in drafts.filtered("timebill_allocation_ids"):
        move.with_user(brigitte).action_post()
    invoices = env["account.move"].search(
        [("move_type", "=", "out_invoice"), ("state", "=", "posted"), ("payment_state", "=", "not_paid")]
    )
    for move in invoices.filtered(lambda move: not move.timebill_allocation_ids.reversal_ids):
        activities = move.timebill_allocation_ids.activity_id
        if set(activities.mapped("billing_state")) != {"billed"}:
            yield f"{move.name}: {activities.mapped('billing_state')}"
        if len(activities.allocation_ids.move_id) == 1:
            yield from credit(move, activities)


@check
def entry():
    """Enter work, and open the first pages of a lawyer and of a billing person."""
    matter = env.ref("timebill_legal.demo_matter_parc")
    activity = env["timebill.activity"].with_user(hugo).create(
        {
            "matter_id": matter.id,
            "kind": "time",
            "type_id": env.ref("timebill_legal.activity_type_phone").id,
            "date": fields.Date.today(),
            "duration": 30,
            "description": "Appel",
        }
    )
    if activity.billing_state != "to_bill" or not activity.amount:
        yield f"{activity.billing_state}, {activity.amount}"
    env["timebill.to.bill"].with_user(brigitte).search([]).read()
    env["timebill.timer"].with_user(hugo).get_state()
    env["timebill.my.day"].with_user(sophie).get_week()
    new = env["timebill.matter"].with_user(hugo).create(
        {"name": "Nouveau", "client_ids": [Command.create({"partner_id": matter.client_ids[:1].partner_id.id})]}
    )
    if new.reference in env["timebill.matter"].search([("id", "!=", new.id)]).mapped("reference"):
        yield f"the number {new.reference} was given before"


print("checked:", json.dumps({name: problems() for name, problems in CHECKS.items()}))
