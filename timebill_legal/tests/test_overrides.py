import re
from pathlib import Path
from unittest import SkipTest

from odoo.tests import TransactionCase, tagged

from .overrides import get_overrides

REPOSITORY = Path(__file__).parents[2]
PAGE = REPOSITORY / "docs" / "overrides.md"
#: | `model` | `method` | add-on | …
PYTHON_ENTRY = re.compile(r"^\| `([\w.]+)` \| `(\w+)` \| `(timebill_\w+)` \|", re.MULTILINE)
#: | `what` | `path below static/src of the add-on` | …
ASSET_ENTRY = re.compile(r"^\| `([\w.]+)` \| `(timebill_\w+/[\w/]+\.(?:js|xml))` \|", re.MULTILINE)
CORE_IMPORT = re.compile(r"^import \{([^}]*)\} from \"@(?!odoo/|timebill_)[\w/.-]+\"", re.MULTILINE)
EXTENDED_CLASS = re.compile(r"\bextends (\w+)|\bpatch\((\w+)")
EXTENDED_TEMPLATE = re.compile(r"\bt-inherit=\"([\w.]+)\"")


@tagged("post_install", "-at_install")
class TestOverrides(TransactionCase):
    """``docs/overrides.md`` lists what our add-ons override of others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not PAGE.exists():
            raise SkipTest("The add-on is not in its repository, which holds the page.")
        cls.page = PAGE.read_text()

    def _check_page(self, listed, found):
        self.assertFalse(sorted(found - listed), f"Not in {PAGE.name}")
        self.assertFalse(sorted(listed - found), f"In {PAGE.name}, and not in the code")

    def test_methods(self):
        """Each overridden method has an entry, and each entry of an installed add-on is an override."""
        listed = {entry for entry in PYTHON_ENTRY.findall(self.page) if entry[2] in self.env.registry._init_modules}
        overrides = get_overrides(self.env.registry)
        self._check_page(listed, {(d._name, name, d.__module__.split(".")[2]) for d, name in overrides})

    def test_classes_and_templates_of_the_web_client(self):
        """Each patch, subclass or extended template of the web client has an entry, and each entry is one."""
        found = set()
        for path in REPOSITORY.glob("timebill_*/static/src/**/*"):
            if path.suffix not in (".js", ".xml"):
                continue
            text, (addon, _static, _src, *folders) = path.read_text(), path.relative_to(REPOSITORY).parts
            imported = {name.strip() for names in CORE_IMPORT.findall(text) for name in names.split(",")}
            extended = {name for names in EXTENDED_CLASS.findall(text) for name in names if name in imported}
            extended.update(EXTENDED_TEMPLATE.findall(text))
            found.update((name, "/".join((addon, *folders))) for name in extended - {"Reactive"})
        self._check_page(set(ASSET_ENTRY.findall(self.page)), found)
