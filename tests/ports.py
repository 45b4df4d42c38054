"""Ports for servers of tests."""

import socket


def free_port() -> int:
    """Port of this machine at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
