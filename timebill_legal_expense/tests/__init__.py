from . import test_expense, test_tours
