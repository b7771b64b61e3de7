import inspect

OURS = "odoo.addons.timebill_"
#: What our own models are free to extend; on models of other add-ons it is an override like any other.
ORM_EXTENSION_POINTS = {
    "_compute_display_name",
    "_search_display_name",
    "_table_query",
    "copy",
    "copy_data",
    "create",
    "default_get",
    "load",
    "name_search",
    "onchange",
    "unlink",
    "write",
}


def get_overrides(registry):
    """Return what our add-ons override of others.

    :return: {(class, name of the method)}
    """
    return {
        (definition, name)
        for model in registry.values()
        for position, definition in enumerate(model.mro())
        if definition.__module__.startswith(OURS) and getattr(definition, "pool", None) is None
        for name, value in vars(definition).items()
        if _is_method(name, value) and _is_override(definition, name, model.mro()[position + 1 :])
    }


def _is_method(name, value):
    value = getattr(value, "__func__", value)
    return not name.startswith("__") and (inspect.isfunction(value) or isinstance(value, property))


def _is_override(definition, name, bases):
    if definition._name.startswith("timebill.") and name in ORM_EXTENSION_POINTS:
        return False
    return any(
        name in vars(base)
        and getattr(base, "pool", None) is None
        and base.__module__.startswith("odoo.")
        and not base.__module__.startswith(OURS)
        for base in bases
    )
