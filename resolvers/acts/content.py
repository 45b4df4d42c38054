"""Steps with packages, modules, versions and documents."""

from collections.abc import Mapping

from resolvers.acts.base import Act, Columns, Writer, setting


def _archived(act: Act) -> Columns:
    return {"archived_at": act.now}


def _restored(_act: Act) -> Columns:
    return {"archived_at": None}


def _withdrawn(act: Act) -> Columns:
    return {"withdrawn_at": act.now, "withdrawn_reason": act.given.reason}


WRITERS: Mapping[str, Writer] = {
    "packageArchive": setting(_archived),
    "packageRestore": setting(_restored),
    "moduleArchive": setting(_archived),
    "moduleRestore": setting(_restored),
    "moduleWithdraw": setting(_withdrawn),
    "moduleVersionPublish": setting(lambda act: {"published_at": act.now}),
    "documentWithdraw": setting(_withdrawn),
}
