"""Where the id of a record can be put into a call: every field path, and every shape of an id."""

#: Records that belong to a matter: their ids are what the calls hold.
TARGETS = (
    "timebill.matter",
    "timebill.matter.client",
    "timebill.matter.party",
    "timebill.activity",
    "timebill.allocation",
    "timebill.billing.choice",
    "project.project",
    "project.task",
    "project.milestone",
    "project.update",
)
#: Fields of every model, which lead nowhere else than others do.
HUBS = {"create_uid", "write_uid", "company_id", "user_id", "currency_id"}
TEXTS = {"char", "text", "html", "monetary", "float", "reference", "json"}


class Paths:
    """Field paths of a registry that lead to records of matters."""

    def __init__(self, env):
        self.env = env
        self.models = sorted(name for name in env if not env[name]._abstract)
        self.relations = {
            name: [
                (field.name, field.comodel_name)
                for field in env[name]._fields.values()
                if field.relational and field.comodel_name in env and not env[field.comodel_name]._abstract
            ]
            for name in self.models
        }

    def carries(self, model):
        """Whether a model is ours, or has fields of ours."""
        return model.startswith("timebill.") or any(
            name.startswith("timebill_") and field.relational for name, field in self.env[model]._fields.items()
        )

    def of(self, model, depth):
        """Yield the field paths of at most ``depth`` relations that lead from ``model`` to a record of a matter."""
        for name, comodel in self.relations[model]:
            if comodel in TARGETS:
                yield (name,)
            if depth > 1 and name not in HUBS:
                for rest in self.of(comodel, depth - 1):
                    yield (name, *rest)

    def all(self, depth, depth_of_ours):
        """Every (model, path) that leads to a record of a matter; longer ones for our own models."""
        return [
            (model, path)
            for model in self.models
            for path in self.of(model, depth_of_ours if model.startswith("timebill.") else depth)
        ]

    def weigh(self, random, model, path):
        """Random key to sort by: what a sample of all paths begins with, short ones on our fields more often."""
        return random.random() * len(path) ** 3 * (1 if self.carries(model) else 5)

    def target(self, model, path):
        """Model at the end of ``path``."""
        for name in path:
            model = self.env[model]._fields[name].comodel_name
        return model


def shape_many2one(random, record_id, name="x"):
    """Some way in which a client can write the id of a record in a many2one field."""
    return random.choice(
        [
            record_id,
            str(record_id),
            float(record_id),
            [record_id, name],
            {"id": record_id},
            {"id": record_id, "display_name": name},
        ]
    )


def shape_x2many(random, record_id):
    """Some way in which a client can write the id of a record in an x2many field."""
    return random.choice(
        [
            [[4, record_id]],
            [[4, str(record_id), 0]],
            [[6, 0, [record_id]]],
            [[1, record_id, {}]],
            [record_id],
            [[0, "virtual_1", {}], [4, record_id]],
            [[5], [4, record_id]],
        ]
    )


def nest(random, field, values):
    """Some way in which a client can write values of another record, which is new, in a relational field."""
    if field.type == "many2one":
        return values
    return random.choice([[[0, "virtual_7", values]], [[0, 0, values]], [values]])


def values_for(random, env, model, path, record_id):
    """Values of a form of ``model`` that hold ``record_id`` at the end of ``path``."""
    name, *rest = path
    field = env[model]._fields[name]
    if not rest:
        shape = shape_many2one if field.type == "many2one" else shape_x2many
        return {name: shape(random, record_id)}
    return {name: nest(random, field, values_for(random, env, field.comodel_name, rest, record_id))}


def fields_beside(env, model, path, types=TEXTS):
    """Names of the fields that stand beside the id at the end of ``path``."""
    for name in path[:-1]:
        model = env[model]._fields[name].comodel_name
    Model = env[model]
    return sorted(name for name, field in Model._fields.items() if field.type in types and may_read(Model, field))


def may_read(Model, field):
    return Model._has_field_access(field, "read")


def spec_of_one(path, beside):
    """Specification of an answer that is one field beside the id at the end of ``path``."""
    spec = {beside: {}}
    for name in reversed(path[:-1]):
        spec = {name: {"fields": spec}}
    return spec


def spec_for(env, model, path, around=True):
    """Specification of the answer: what stands on the way of ``path``, and every text and amount beside it.

    :param env: environment of the user, who can ask for the fields that she may read only
    :param around: False for the path and our own fields only: other fields may fail on odd values
    """
    Model = env[model]
    spec = {}
    for name, field in Model._fields.items():
        if not may_read(Model, field) or not (around or name.startswith("timebill_")):
            continue
        if field.type in TEXTS:
            spec[name] = {}
        elif field.relational and field.comodel_name in env:
            comodel = env[field.comodel_name]
            if field.type == "many2one" or comodel._name.startswith("timebill.") and comodel.has_access("read"):
                spec[name] = {"fields": {"display_name": {}}}
    if path:
        name, *rest = path
        field = Model._fields[name]
        if may_read(Model, field):
            spec[name] = {"fields": {**spec_for(env, field.comodel_name, rest, around), "display_name": {}}}
    return spec


def numbers(value):
    """Yield the numbers in an answer, at any depth."""
    if isinstance(value, dict):
        for item in value.values():
            yield from numbers(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from numbers(item)
    elif isinstance(value, float):
        yield round(value, 2)


def other_value(record, name):
    """A value of a field that ``record`` does not have."""
    field, value = record._fields[name], record.sudo()[name]
    if field.type == "many2one":
        return record.env[field.comodel_name].search([("id", "!=", value.id)], limit=1).id
    if field.type in ("one2many", "many2many"):
        return [[5]]
    if field.type == "selection":
        return next(key for key, _label in field._description_selection(record.env) if key != value)
    return {
        "boolean": not value,
        "integer": 7,
        "float": 7.5,
        "monetary": 7.5,
        "date": "2001-02-03",
        "datetime": "2001-02-03 04:05:06",
    }.get(field.type, "Zz")
