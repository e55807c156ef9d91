"""What must be done: jobs, webhook deliveries, rate limits, Redis, the figures of the processes."""
