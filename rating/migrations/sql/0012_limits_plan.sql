-- A connection that has asked for limits some times keeps one plan for every question: made for a few accounts, it takes a
-- hundred times as long for all accounts of a night's run. Each question gets a plan for the accounts that it names.
ALTER FUNCTION rating_limits_at(timestamptz, bigint[]) SET plan_cache_mode = force_custom_plan;

-- reverse --
ALTER FUNCTION rating_limits_at(timestamptz, bigint[]) RESET plan_cache_mode;
