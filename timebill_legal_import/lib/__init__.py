"""What the files of other products hold, in plain Python."""
