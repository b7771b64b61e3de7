"""Run by ``odoo shell`` in a database with an old version of the add-ons: the work of a firm on its demonstration data.

The same script serves every version: what one of them does not have is left out. It uses that version's own windows,
as its users did, so that the rows are those that this version wrote.
"""

# ruff: noqa: F821 (``env`` is the shell's environment)

from datetime import timedelta

from odoo import Command, fields

today = fields.Date.context_today(env.user)
company = env.company
env = env(context={**env.context, "lang": "fr_FR", "tz": "Europe/Paris"})
claire, sophie, hugo, anne, brigitte = (
    env.ref(f"timebill_legal.demo_user_{login}") for login in ("claire", "sophie", "hugo", "anne", "brigitte")
)
Activity = env["timebill.activity"]
#: The version after 19.0.1.0.0 has reasons, timers, discounts …
HAS_LEDGER_WINDOWS = "timebill.adjust" in env
confidential = env.ref("timebill_legal.demo_matter_helianthe")


def open_window(action, user):
    """Return the dialog that an action opens, as ``user``."""
    return env[action["res_model"]].with_user(user).browse(action["res_id"])


def bill(activities, user=brigitte, **line_values):
    """Bill activities with the dialog; the first client pays common activities."""
    window = open_window(activities.with_user(user).action_bill(), user)
    for line in window.line_ids:
        line.included = not line.problem
        line.payer_id = line.payer_id or line.matter_partner_ids[:1]
    window.line_ids.filtered("included").write(line_values)
    return window._create_invoices()


def activity(kind, category, **values):
    """Enter an activity of today as Hugo."""
    category = env.ref(f"timebill_legal.activity_type_{category}")
    return Activity.with_user(values.pop("user", hugo)).create(
        {"kind": kind, "type_id": category.id, "date": today, "description": category.name, **values}
    )


def prices_and_people():
    """Rates by person, category and date on a matter; a user whose name and rights are the firm's own."""
    matter = env.ref("timebill_legal.demo_matter_morel")
    matter.rate_list_id = env["timebill.rate.list"].create(
        {
            "name": "Tarif Morel",
            "rate_ids": [
                Command.create({"price": 187.5, "user_id": hugo.id}),
                Command.create({"price": 210, "type_id": env.ref("timebill_legal.activity_type_hearing").id}),
                Command.create({"price": 195, "date_from": f"{today.year}-01-01", "date_to": f"{today.year}-06-30"}),
            ],
        }
    )
    env["res.users"].create(
        {
            "name": "Zoé Stagiaire",
            "login": "zoe",
            "lang": "fr_FR",
            "group_ids": [Command.set(env.ref("timebill_legal.group_user").ids)],
            "timebill_grade_id": env["timebill.grade"].search([], limit=1).id,
            "timebill_types_for_ids": [Command.set(hugo.ids)],
        }
    )
    activity("time", "phone", matter_id=matter.id, duration=47)
    activity("service", "deed", matter_id=matter.id, quantity=2, price_unit=333.33)
    activity("time", "phone", matter_id=matter.id, duration=15, price_unit=0)
    activity("expense", "copies", matter_id=matter.id, quantity=37, price_unit=0.15)


def before_billing():
    """Discount, write off and hold unbilled work, and bill a part."""
    goodwill = env.ref("timebill_legal.reason_goodwill")
    to_bill = Activity.search(
        [("billing_state", "=", "to_bill"), ("kind", "=", "time"), ("amount", ">", 100), ("partner_id", "!=", False)],
        order="id desc",
        limit=6,
    )
    window = open_window(to_bill[:2].with_user(brigitte).action_adjust(), brigitte)
    window.write({"reason_id": goodwill.id, "note": "Geste commercial", "method": "percent", "percent": 10})
    window.action_apply()
    to_bill[1].allocation_ids.with_user(brigitte).action_undo()
    window = open_window(to_bill[2].with_user(brigitte).action_adjust(), brigitte)
    window.write({"reason_id": goodwill.id, "operation": "write_off"})
    window.action_apply()
    window = open_window(to_bill[3].with_user(brigitte).action_hold(), brigitte)
    window.write({"hold_note": "Attend l'accord du client"})
    window.action_hold()
    window = open_window(to_bill[4].with_user(brigitte).action_hold(), brigitte)
    window.write({"hold_until": today + timedelta(days=20)})
    window.action_hold()
    bill(to_bill[5], minutes=to_bill[5].duration // 3).action_post()


def other_records():
    """What else the version knows: timers, rules, meetings, vendor bills, work billed before the takeover."""
    matter = env.ref("timebill_legal.demo_matter_tilleuls")
    rounding = env["timebill.rounding"].search([], limit=1)
    matter.rounding_id = rounding
    activity("time", "phone", user=sophie, matter_id=matter.id, duration=17)
    hearing = env.ref("timebill_legal.activity_type_hearing")
    hearing.part_ids = [
        Command.create({"component_id": env.ref("timebill_legal.activity_type_copies").id, "quantity": 3, "price": 0.2})
    ]
    former = activity("time", "meeting", user=claire, matter_id=matter.id, duration=90, date="2025-11-03")
    former.with_user(claire).sudo().former_invoice = "F-2025-118"

    timer = env["timebill.timer"].with_user(hugo)
    timer.action_start("timebill.matter", env.ref("timebill_legal.demo_matter_morel").id)
    timer.action_start("timebill.matter", env.ref("timebill_legal.demo_matter_benali").id)

    tag = env["calendar.event.type"].create({"name": "Plaidoirie", "timebill_type_id": hearing.id})
    meetings = env["calendar.event"].with_user(sophie).create(
        [
            {
                "name": name,
                "start": f"{today} 08:00:00",
                "stop": f"{today} 09:30:00",
                "partner_ids": [Command.set((sophie.partner_id + matter.client_ids.partner_id).ids)],
                "categ_ids": [Command.set(tag.ids)],
            }
            for name in ("Audience de référé", "Déjeuner")
        ]
    )
    Activity.with_user(sophie).create(
        {
            "matter_id": matter.id,
            "kind": "time",
            "type_id": hearing.id,
            "date": today,
            "duration": 90,
            "description": "Audience de référé",
            "source_model": "calendar.event",
            "source_id": meetings[0].id,
        }
    )
    env["timebill.ignored"]._ignore(sophie, {("calendar.event", meetings[1].id)})
    vendor_bill = env["account.move"].create(
        {
            "move_type": "in_invoice",
            "partner_id": env["res.partner"].create({"name": "Étude Legrand", "is_company": True}).id,
            "invoice_date": today,
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": name,
                        "price_unit": price,
                        "analytic_distribution": {str(matter.analytic_account_id.id): share},
                        **({"account_id": account.id} if account else {}),
                    }
                )
                for name, price, share, account in (
                    ("Signification", 83.45, 100, company.timebill_disbursement_account_id),
                    ("Traduction", 120, 40, None),
                )
            ],
        }
    )
    vendor_bill.action_post()
    vendor_bill.with_user(brigitte).action_recover_costs()
    env["timebill.break.glass"].with_user(env.ref("base.user_admin")).create(
        {"reference": confidential.reference, "reason": "Départ d'un associé"}
    ).action_enter()


def bridged_records():
    """A timesheet and an expense on matters, converted into activities by the bridges."""
    if "hr.expense" not in env or "hr_timesheet" not in env.registry._init_modules:
        return
    company.write({"timebill_timesheet_auto": True, "timebill_expense_auto": True})
    matter = env.ref("timebill_legal.demo_matter_benali")
    groups = env.ref("hr_timesheet.group_hr_timesheet_user") + env.ref("hr_expense.group_hr_expense_user")
    hugo.group_ids += groups
    employee = env["hr.employee"].create({"name": hugo.name, "user_id": hugo.id, "hourly_cost": 50})
    matter.project_ids.allow_timesheets = True
    env["account.analytic.line"].with_user(hugo).create(
        {"name": "Recherches", "project_id": matter.project_ids[:1].id, "unit_amount": 1.25, "date": today}
    )
    product = env["product.product"].create({"name": "Déplacements", "can_be_expensed": True, "standard_price": 0})
    expense = env["hr.expense"].create(
        {
            "name": "Train",
            "employee_id": employee.id,
            "product_id": product.id,
            "total_amount_currency": 86.4,
            "date": today,
            "matter_id": matter.id,
        }
    )
    expense.action_submit()
    expense._do_approve()


def invoices():
    """Bill half of the matters, post two thirds of the invoices, credit and pay some; drafts are left."""
    to_bill = Activity.search([("billing_state", "=", "to_bill")])
    moves = env["account.move"]
    for matter in to_bill.matter_id.sorted("id")[::2]:
        if matter != confidential:
            moves += env["account.move"].browse(bill(to_bill.filtered(lambda a, m=matter: a.matter_id == m)).ids)
    moves += env["account.move"].browse(bill(Activity.search([("matter_id", "=", confidential.id)]), claire).ids)
    posted = moves.filtered(lambda move: move.id % 3)
    posted.action_post()

    def reverse(move):
        """Return the dialog of credit notes on a posted invoice."""
        return (
            env["account.move.reversal"]
            .with_user(brigitte)
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": move.journal_id.id, "reason": "Erreur"})
        )

    full, partial, paid, sent, replaced = posted.sorted("amount_untaxed")[-5:]
    env["account.move"].browse(reverse(full).refund_moves()["res_id"]).action_post()
    window = reverse(partial)
    if HAS_LEDGER_WINDOWS:
        line = max(window.timebill_line_ids, key=lambda line: line.amount)
        (window.timebill_line_ids - line).included = False
        line.amount = round(line.amount / 3, 2)
    credit = env["account.move"].browse(window.refund_moves()["res_id"])
    if not HAS_LEDGER_WINDOWS:
        line = credit.invoice_line_ids.filtered(lambda line: line.display_type == "product")[0]
        line.price_unit = round(line.price_unit / 3, 2)
    credit.action_post()
    reverse(replaced).modify_moves()
    env["account.payment.register"].with_context(active_model="account.move", active_ids=paid.ids).create(
        {}
    )._create_payments()
    message = sent.message_post(body="Votre facture", partner_ids=sent.partner_id.ids, message_type="comment")
    sent.sending_message_id = message


def preferences():
    """Filters, a favorite and lists of exported columns that use the fields of the add-ons."""
    Filter = env["ir.filters"]
    for name, model, domain, group_by, user, is_default in (
        ("À facturer", "timebill.activity", "[('billing_state', '=', 'to_bill')]", ["matter_id"], hugo, True),
        ("Dossiers ouverts", "timebill.matter", "[('state', '=', 'open')]", ["responsible_id"], hugo, False),
        ("Non envoyées", "account.move", "[('sending_state', '=', 'to_send')]", ["sending_state"], brigitte, True),
        ("D'un dossier", "account.move", "[('matter_ids.reference', 'like', '0')]", [], brigitte, False),
        ("Historique", "timebill.allocation", "[('live', '=', True)]", ["matter_id", "move_id"], brigitte, False),
        ("Projets de dossiers", "project.project", "[('matter_id', '!=', False)]", ["matter_id"], sophie, False),
        ("Tâches de dossiers", "project.task", "[('matter_id', '!=', False)]", [], sophie, False),
        ("Clients avec dossier", "res.partner", "[('matter_client_ids', '!=', False)]", [], None, False),
        ("Timekeepers", "res.users", "[('timebill_types_for_ids', '!=', False)]", ["timebill_grade_id"], None, False),
    ):
        Filter.create(
            {
                "name": name,
                "model_id": model,
                "domain": domain,
                "context": str({"group_by": group_by}),
                "user_ids": [Command.set(user.ids)] if user else False,
                "is_default": is_default,
            }
        )
    for name, model, columns in (
        ("Temps", "timebill.activity", ["date", "matter_id/reference", "duration", "amount", "move_ids/name"]),
        ("Factures", "account.move", ["name", "sending_state", "matter_ids/reference", "amount_untaxed"]),
        ("Clients", "res.partner", ["name", "matter_client_ids/matter_id/reference", "amount_to_bill"]),
    ):
        env["ir.exports"].create(
            {"name": name, "resource": model, "export_fields": [Command.create({"name": column}) for column in columns]}
        )
    env["ir.default"].set("timebill.activity", "kind", "service", user_id=anne.id)
    env["ir.attachment"].create(
        {
            "name": "Conclusions.txt",
            "raw": b"PLAISE AU TRIBUNAL",
            "res_model": confidential._name,
            "res_id": confidential.id,
        }
    )


prices_and_people()
if HAS_LEDGER_WINDOWS:
    other_records()
    bridged_records()
    before_billing()
invoices()
preferences()
env.flush_all()
env.cr.commit()
