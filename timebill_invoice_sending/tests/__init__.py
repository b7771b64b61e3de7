from . import test_sending_state
