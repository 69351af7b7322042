"""
The columnar engine: rates in bulk what one multiplication prices, and hands every other record to the core.

Polars is imported inside functions alone, so that no worker is forked after it: its threads would not survive the fork.
"""
