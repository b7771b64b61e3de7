"""Renames of fields for the migration scripts: with its column, everything in the database that names the field.

Translations, values of the chatter and defaults follow the record of the field; the texts of filters, exports, rules
and window actions are rewritten, also where they reach the field through other records
(``project_id.matter_id.name``). Views, server actions and templates that people wrote are not: see docs/upgrading.md.
"""

import re

#: Table, columns with a domain, context or order, and column with the model that these are about.
TEXTS = (
    ("ir_filters", ("domain", "context", "sort"), "model_id"),
    ("ir_act_window", ("domain", "context"), "res_model"),
    ("ir_rule", ("domain_force",), "(SELECT model FROM ir_model WHERE ir_model.id = ir_rule.model_id)"),
)

#: A field of the user, in the domain of a rule.
USER_PATH = re.compile(r"(?<=\buser\.)[a-z_][\w.]*")

#: A path of fields in quotes, with a granularity (``date:month``), an aggregate or a direction (``name desc``).
QUOTED_PATH = re.compile(r"""(?<=['"])[a-z_][\w.]*(?=(?::\w+| (?:asc|desc)[\w ]*)?['"])""")


def rename_fields(cr, renames):
    """Rename fields; what was renamed before, or is not there, is left alone.

    :param cr: cursor of a pre-migration
    :param renames: {model: {old name: new name}}; the models that inherit the field, as users do from partners, are to
        be named too
    """
    _rewrite_texts(cr, renames)
    for model, names in renames.items():
        for old, new in names.items():
            _rename_field(cr, model, old, new)


def blank_views(cr, module, renames):
    """Empty the views of an add-on that extend others and name one of the fields, until they are loaded again.

    Each view is checked together with those that extend the same one, which may be loaded later and name the old field.
    """
    cr.execute(
        """
        UPDATE ir_ui_view AS view
           SET arch_db = jsonb_build_object('en_US', '<data/>')
          FROM ir_model_data AS data
         WHERE data.model = 'ir.ui.view' AND data.res_id = view.id AND data.module = %s
           AND view.inherit_id IS NOT NULL AND view.arch_db::text ~ %s
        """,
        [module, _any_name(renames)],
    )


def rename_relation(cr, old, new):
    """Rename the table of a many2many field."""
    if _table_exists(cr, old) and not _table_exists(cr, new):
        _execute(cr, "ALTER TABLE %s RENAME TO %s", old, new)
    cr.execute("UPDATE ir_model_relation SET name = %s WHERE name = %s", [new, old])


def rename_path(path, model, renames, relations, separator="."):
    """Rename the fields of a path.

    :param path: names of fields, from the records of ``model`` on
    :param relations: {(model, old name of a relational field): model to which it leads}

    >>> renames = {"project.project": {"matter_id": "timebill_matter_id"}}
    >>> relations = {("project.task", "project_id"): "project.project"}
    >>> rename_path("project_id.matter_id.name", "project.task", renames, relations)
    'project_id.timebill_matter_id.name'
    >>> rename_path("matter_id", "project.task", renames, relations)
    'matter_id'
    """
    names = []
    for name in path.split(separator):
        names.append(renames.get(model, {}).get(name, name))
        model = relations.get((model, name))
    return separator.join(names)


def rename_in_text(text, model, renames, relations):
    """Rename the fields in a domain, a context or an order.

    >>> renames = {"project.project": {"matter_id": "timebill_matter_id"}}
    >>> rename_in_text("[('matter_id', '=', 'matter_id in it')]", "project.project", renames, {})
    "[('timebill_matter_id', '=', 'matter_id in it')]"
    >>> rename_in_text('["matter_id desc", "name"]', "project.project", renames, {})
    '["timebill_matter_id desc", "name"]'
    >>> rename_in_text("[('id', 'in', user.old_ids.ids)]", "res.partner", {"res.users": {"old_ids": "new_ids"}}, {})
    "[('id', 'in', user.new_ids.ids)]"
    """
    text = USER_PATH.sub(lambda match: rename_path(match[0], "res.users", renames, relations), text)
    return QUOTED_PATH.sub(lambda match: rename_path(match[0], model, renames, relations), text)


def _execute(cr, statement, *identifiers):
    """Run a statement on tables, columns or indexes."""
    from odoo.tools import SQL  # here, because the doctests of this file run without Odoo

    cr.execute(SQL(statement, *map(SQL.identifier, identifiers)))


def _rename_field(cr, model, old, new):
    table = model.replace(".", "_")
    cr.execute("SELECT 1 FROM ir_model_fields WHERE model = %s AND name = %s", [model, new])
    if not cr.fetchone():
        cr.execute("UPDATE ir_model_fields SET name = %s WHERE model = %s AND name = %s", [new, model, old])
        cr.execute(
            """
            UPDATE ir_model_data
               SET name = %s
             WHERE model = 'ir.model.fields' AND name = %s
            """,
            [f"field_{table}__{new}", f"field_{table}__{old}"],
        )
    if _column_exists(cr, table, old) and not _column_exists(cr, table, new):
        _execute(cr, "ALTER TABLE %s RENAME COLUMN %s TO %s", table, old, new)
        _execute(cr, "ALTER INDEX IF EXISTS %s RENAME TO %s", f"{table}__{old}_index", f"{table}__{new}_index")


def _rewrite_texts(cr, renames):
    cr.execute("SELECT model, name, relation FROM ir_model_fields WHERE relation IS NOT NULL")
    relations = {(model, name): relation for model, name, relation in cr.fetchall()}
    old_name = _any_name(renames)
    for table, columns, model_of in TEXTS:
        for column in columns:
            cr.execute(f"SELECT id, {model_of}, {column} FROM {table} WHERE {column} ~ %s", [old_name])
            for record_id, model, text in cr.fetchall():
                renamed = rename_in_text(text, model, renames, relations)
                if renamed != text:
                    cr.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [renamed, record_id])
    cr.execute(
        """
        SELECT line.id, export.resource, line.name
          FROM ir_exports_line AS line
          JOIN ir_exports AS export ON export.id = line.export_id
         WHERE line.name ~ %s
        """,
        [old_name],
    )
    for record_id, model, path in cr.fetchall():
        renamed = rename_path(path, model, renames, relations, separator="/")
        if renamed != path:
            cr.execute("UPDATE ir_exports_line SET name = %s WHERE id = %s", [renamed, record_id])


def _any_name(renames):
    """Regular expression, as PostgreSQL writes them, for any of the old names."""
    return rf"\m({'|'.join({name for names in renames.values() for name in names})})\M"


def _table_exists(cr, table):
    cr.execute("SELECT to_regclass(%s)", [f'"{table}"'])
    return bool(cr.fetchone()[0])


def _column_exists(cr, table, column):
    cr.execute("SELECT 1 FROM information_schema.columns WHERE table_name = %s AND column_name = %s", [table, column])
    return bool(cr.fetchone())
