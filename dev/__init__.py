"""Developer tooling of timebill_legal: ``python3 -m dev --help``.

Everything that has to run before the virtual environment exists uses the standard library only.
"""
