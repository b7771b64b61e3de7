from . import test_import, test_other_imports, test_rights
