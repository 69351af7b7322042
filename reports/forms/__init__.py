"""What may be asked of a report, and how its answer is laid out."""
