"""Arithmetic of time, prices and money: plain Python, no ORM.

The ORM converts its values on the way in (``Decimal(str(value))``) and on the
way out; every rule that decides a cent or a minute is in this package.
"""
