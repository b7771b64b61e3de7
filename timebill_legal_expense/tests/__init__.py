from . import test_expense, test_neighbours, test_tours
