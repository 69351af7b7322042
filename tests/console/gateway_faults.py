"""Faults in the counts of the gateway: see ``test_planted_faults``."""

_AGREE = "payments.network_days_agree"
FAULTS = {
    "network_day_counted_too_high": (
        "UPDATE payments_networkday SET amount_minor = amount_minor + 1",
        {_AGREE: "network "},
    ),
    "network_day_lost": ("DELETE FROM payments_networkday", {_AGREE: "network "}),
    "network_day_that_never_was": (
        (
            "INSERT INTO payments_networkday (network_id, day, count, amount_minor)"
            " SELECT id, '2026-03-01', 1, 5 FROM payments_terminalnetwork"
        ),
        {_AGREE: "network "},
    ),
}
