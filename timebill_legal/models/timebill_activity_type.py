from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ..tools.creating import create_sudo


class TimebillActivityType(models.Model):
    """Type of activities: kind, default values and price.

    Each type has its own service product, which gives the invoice lines their account and taxes: Odoo recomputes
    those of a line from its product, so that values set otherwise would not last.
    """

    _name = "timebill.activity.type"
    _description = "Activity Type"
    _inherit = ["timebill.kind.mixin"]
    _order = "kind, sequence, id"
    _rec_names_search = ["code", "name"]
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(help="Short name to search or import the activity type.")
    kind = fields.Selection(required=True, default="time")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Leave empty to share the type with every company.")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    description = fields.Text(
        "Default Description", translate=True, help="Text proposed on new activities and printed on the invoice."
    )
    default_duration = fields.Integer(aggregator=None, help="Worked time proposed on new activities, in minutes.")
    default_quantity = fields.Float(digits=(16, 6), default=1.0)
    default_price = fields.Float(
        min_display_digits="Product Price",
        help="Price if no rate list gives one: hourly rate for time, unit price for other kinds.",
        groups="timebill_legal.group_amounts",
        aggregator=None,
    )
    billable = fields.Boolean("Billable by Default", default=True)
    part_ids = fields.One2many(
        "timebill.activity.type.part",
        "type_id",
        "Created with It",
        copy=True,
        help="Activities that the entry dialog creates together with an activity of this type.",
    )
    product_id = fields.Many2one(
        "product.product",
        "Invoiced As",
        domain=[("type", "=", "service")],
        ondelete="restrict",
        index="btree_not_null",
        copy=False,
        check_company=True,
        help="Product of the invoice lines, which gives them their accounts and taxes. Created with the type.",
    )

    source_model = fields.Selection(
        "_selection_source_model",
        "Proposed for",
        help="Default activity type of the records of this model that are converted, unless their tag or the record"
        " itself has one.",
    )

    _product_uniq = models.UniqueIndex(
        "(product_id) WHERE product_id IS NOT NULL", "A product can belong to one activity type only."
    )

    @api.model
    def _selection_source_model(self):
        # sudo: ir.model is readable by administrators only; model names are shown to every user
        models_ = self.env["ir.model"].sudo()
        names = self.env["timebill.source.mixin"]._timebill_get_source_models()
        return [(name, models_._get(name).name) for name in names]

    #=== COMPUTE METHODS ===#

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for activity_type in self:
            activity_type.currency_id = (activity_type.company_id or self.env.company).currency_id

    #=== CONSTRAINTS ===#

    @api.constrains("default_duration", "default_quantity", "default_price")
    def _check_defaults_not_negative(self):
        for activity_type in self:
            if min(
                activity_type.default_duration, activity_type.default_quantity, activity_type.sudo().default_price
            ) < 0:
                raise ValidationError(
                    self.env._(
                        "The default duration, quantity and price of “%(type)s” cannot be negative.",
                        type=activity_type.name,
                    )
                )

    @api.constrains("kind")
    def _check_kind_unused(self):
        for kind, types in self.grouped("kind").items():
            # sudo: activities that the user cannot read count as well; only the name of their type is shown
            used_as = self.env["timebill.activity"].sudo().search(
                [("type_id", "in", types.ids), ("kind", "!=", kind)], limit=1
            )
            if used_as:
                raise ValidationError(
                    self.env._(
                        "“%(type)s” is already used by activities of another kind. Archive it and create a new"
                        " type.",
                        type=used_as.type_id.name,
                    )
                )

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        types = super().create(vals_list)
        types.filtered(lambda t: not t.product_id)._create_products()
        return types

    def write(self, vals):
        self._timebill_check_client_values([vals], is_form=False)
        if "company_id" in vals:
            # First none, which goes with the former company and with the new one.
            self.sudo().product_id.company_id = False  # sudo: see below
        res = super().write(vals)
        if "company_id" in vals:
            # sudo: managers may have no right on products; this one belongs to the activity type
            for activity_type in self.sudo():
                product, company = activity_type.product_id, activity_type.company_id
                # Those of a former company would stay; branches use the taxes of their company.
                if others := company and product.taxes_id.filtered(
                    lambda tax, own=company: not (own in tax.company_id.parent_ids or tax.company_id in own.parent_ids)
                ):
                    product.taxes_id -= others
                product.company_id = company
        if "name" in vals:
            # sudo: managers may have no right on products; this one belongs to the activity type
            for activity_type in self.sudo():
                activity_type.product_id.name = activity_type.name
        if not {"kind", "company_id"}.isdisjoint(vals):
            self._apply_kind_setup()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: activities that the user cannot read count as well; only the name of their type is shown
        used = self.env["timebill.activity"].sudo().search([("type_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._(
                    "“%(type)s” is used by activities and cannot be deleted. Archive it instead: it will no longer be"
                    " offered.",
                    type=used.type_id.name,
                )
            )

    #=== BUSINESS METHODS ===#

    @api.model
    def _get_types_of_source(self, model):
        """Default activity types of converted records of ``model``, by priority."""
        return self.search([("source_model", "=", model)])

    def _prepare_product_values(self):
        self.ensure_one()
        return {
            "name": self.name,
            "type": "service",
            "company_id": self.company_id.id,
            "list_price": 0.0,
            "sale_ok": True,
            "purchase_ok": False,
            # Otherwise Odoo sets the default taxes of the company.
            "taxes_id": [Command.clear()],
            "supplier_taxes_id": [Command.clear()],
        }

    def _create_products(self):
        # sudo: managers may have no right on products; each of these belongs to a new activity type
        values_list = [activity_type._prepare_product_values() for activity_type in self]
        products = create_sudo(self.env["product.product"], values_list)
        for activity_type, product in zip(self, products, strict=True):
            activity_type.product_id = product
        self._apply_kind_setup()

    def _translate_product_names(self):
        """Copy the names of the types to their products in every language: data is loaded before its translations."""
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        for activity_type in self.sudo():  # sudo: managers may have no right on products
            activity_type.product_id.product_tmpl_id.update_field_translations(
                "name", {lang: activity_type.with_context(lang=lang).name for lang in languages}
            )

    def _apply_kind_setup(self, companies=None):
        """Set the accounts and taxes of the companies on the products of these types.

        :param companies: res.company; all by default
        """
        # sudo: managers may have no right on products and other companies; the values come from the settings
        companies = (companies or self.env["res.company"].sudo().search([])).sudo()
        for activity_type in self.sudo():
            product = activity_type.product_id
            for company in companies:
                if activity_type.company_id and activity_type.company_id not in company.parent_ids:
                    continue
                setup = company._timebill_get_kind_setup(activity_type.kind)
                product.with_company(company).property_account_income_id = setup["account"]
                others = product.taxes_id.filtered(lambda tax, company=company: tax.company_id != company)
                product.taxes_id = others | setup["tax"]
