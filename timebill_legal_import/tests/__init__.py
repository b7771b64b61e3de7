from . import test_import, test_other_imports, test_products, test_reading, test_rights
