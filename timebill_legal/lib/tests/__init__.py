from hypothesis import settings

# A loaded machine is no failure, and the examples of a run leave nothing behind in the folder.
settings.register_profile("timebill_legal", deadline=None, database=None, max_examples=40)
settings.load_profile("timebill_legal")
