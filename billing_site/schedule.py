"""When what runs by itself: the times of beat, in the operator's zone."""

from typing import Any

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep-work": {"task": "jobs.sweep_work", "schedule": 60},
    "rate-usage-nightly": {"task": "rating.rate_usage", "schedule": crontab(hour="1", minute="0")},
    "recycle-quarantine": {"task": "rating.recycle_quarantine", "schedule": 60},
    "look-after-sessions": {"task": "rating.look_after_sessions", "schedule": crontab(minute="35")},
    "check-limits-nightly": {"task": "rating.check_all_limits", "schedule": crontab(hour="0", minute="5")},
    "make-partitions": {"task": "rating.make_partitions", "schedule": crontab(hour="0", minute="30")},
    "free-numbers-nightly": {"task": "subscribers.free_numbers", "schedule": crontab(hour="0", minute="10")},
    "merge-daily-counts": {"task": "subscribers.merge_daily_counts", "schedule": crontab(hour="0", minute="20")},
    "follow-staff-lines": {"task": "rating.follow_staff_lines", "schedule": crontab(minute="*/15")},
    "total-books": {"task": "payments.total_books", "schedule": crontab(minute="*/15")},
    # After the night's work; those of the day before are sent once, whenever a worker comes to it.
    "send-reports": {"task": "reports.send_reports", "schedule": crontab(hour="6-20", minute="10,40")},
    "total-premium-calls-nightly": {"task": "rating.total_premium_calls", "schedule": crontab(hour="3", minute="30")},
    "total-plan-revenue-nightly": {"task": "invoicing.total_plan_revenue", "schedule": crontab(hour="3", minute="40")},
    "check-usage-days-nightly": {"task": "rating.check_usage_days", "schedule": crontab(hour="3", minute="15")},
    "detach-usage-nightly": {"task": "rating.detach_old_usage", "schedule": crontab(hour="3", minute="45")},
    "tally-left-money": {"task": "payments.tally_left_money", "schedule": crontab(minute="10,25,40,55")},
    "age-debts-nightly": {"task": "payments.age_debts", "schedule": crontab(hour="2", minute="40")},
    # After the day's bank files, before anybody calls: mails and letters of the morning.
    "run-dunning-nightly": {"task": "payments.run_dunning", "schedule": crontab(hour="6", minute="0")},
    "retry-fiscal-receipts": {"task": "payments.retry_fiscal_receipts", "schedule": 60},
    "forget-gateway-traces": {"task": "payments.forget_gateway_traces", "schedule": crontab(hour="2", minute="20")},
    "take-statements": {"task": "reconciliation.take_statements", "schedule": crontab(minute="5,20,35,50")},
    "apply-debit-results": {"task": "payments.apply_debit_results", "schedule": 60},
    "sweep-online-payments": {"task": "payments.sweep_online_payments", "schedule": 60},
    "check-terminals-daily": {"task": "reconciliation.check_terminals", "schedule": crontab(minute="15")},
    "take-registers": {"task": "reconciliation.take_registers", "schedule": 60},
    "forget-old-tries": {"task": "portal.forget_old_tries", "schedule": crontab(hour="2", minute="15")},
    "check-books-nightly": {"task": "console.check_books", "schedule": crontab(hour="5", minute="0")},
    "send-bills": {"task": "invoicing.send_bills", "schedule": 60},
    "prove-periods": {"task": "invoicing.prove_periods", "schedule": crontab(minute="40")},
    "chain-books-nightly": {"task": "ledger.chain_books", "schedule": crontab(hour="4", minute="30")},
}
