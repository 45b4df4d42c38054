"""Every table, so that a foreign key finds what it refers to. Making the classes takes most of a second: imported at the first write."""

from storage.tables import appointments, billing, certification, clients, content, conversations, erasure, operations, packages, workspace

__all__ = [
    "appointments",
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
