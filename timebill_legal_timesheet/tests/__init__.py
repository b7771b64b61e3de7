from . import test_timesheet, test_tours
