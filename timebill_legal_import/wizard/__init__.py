from . import base_import_import

# isort: split
from . import base_import_files
