"""The worker and clock processes: they run the jobs that the line decided on, with retries."""
