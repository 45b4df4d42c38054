"""Demo data: believable stories of two coaching practices, the same on every run."""
