"""Servers that the benchmark measures beside Portico, each in one process."""
