from . import test_neighbours, test_timesheet, test_tours
