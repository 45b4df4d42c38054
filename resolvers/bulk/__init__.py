"""One step with many objects: looked at, bound, written down as a job, and done object by object."""
