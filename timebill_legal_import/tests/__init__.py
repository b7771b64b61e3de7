from . import test_import, test_other_imports
