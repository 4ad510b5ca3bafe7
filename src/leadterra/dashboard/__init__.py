"""The same actions as pages. Only the unsubscribe page lives here so far. No rules."""
