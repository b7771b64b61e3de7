"""Set up pytest for this repository, with Odoo (``python3 -m dev pytest``) or without (``make test-lib``)."""

import sys
import types
from pathlib import Path

HERE = Path(__file__).parent


def pytest_configure(config):
    """Without Odoo, let the library be imported alone; with it, let logged errors fail a test."""
    if config.pluginmanager.hasplugin("odoo"):
        from dev.pytest_errors import FailOnErrorLogs

        config.pluginmanager.register(FailOnErrorLogs())
        return
    for manifest in HERE.glob("*/__manifest__.py"):
        # The add-on's own __init__.py imports its models, hence Odoo: an empty package stands in for it, so
        # that "timebill_legal.lib" is imported from the same files as ever, in milliseconds.
        package = types.ModuleType(manifest.parent.name)
        package.__path__ = [str(manifest.parent)]
        package.__file__ = str(manifest.parent / "__init__.py")
        sys.modules.setdefault(package.__name__, package)
        sys.modules.setdefault(f"odoo.addons.{package.__name__}", package)
    for name in ("odoo", "odoo.addons"):
        # Libraries import those of other add-ons by their names in Odoo.
        namespace = types.ModuleType(name)
        namespace.__path__ = []
        sys.modules.setdefault(name, namespace)


def pytest_ignore_collect(collection_path, config):
    """Without Odoo, leave out the modules of ``tools/`` that import it: tests in Odoo run their code."""
    if config.pluginmanager.hasplugin("odoo") or collection_path.parent.name != "tools":
        return None
    return "\nfrom odoo" in collection_path.read_text() or None
