"""Usage files as bytes, read line by line into calls or faults; one dialect, many column maps."""
