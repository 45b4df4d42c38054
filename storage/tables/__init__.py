"""Every table of the gateway, one file per noun. No `from __future__ import annotations` here: SQLModel reads the types at run time."""

from storage.tables import (
    appointments,
    base,
    billing,
    certification,
    clients,
    content,
    conversations,
    erasure,
    operations,
    packages,
    workspace,
)

__all__ = [
    "appointments",
    "base",
    "billing",
    "certification",
    "clients",
    "content",
    "conversations",
    "erasure",
    "operations",
    "packages",
    "workspace",
]
