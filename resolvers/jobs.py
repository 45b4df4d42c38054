"""Sources of bulk jobs: who started them sees them, and the owner."""

from typing import Any

import orjson

from lifecycle.transitions import BY_NAME
from lifecycle.vocabulary import Role
from planner.source import ID, INT, TIME, Derived, Expr, Many, One, Order, Source, column
from resolvers.callers import CallerKind
from resolvers.filters import one_of
from resolvers.viewers import HIDDEN, FieldGuard, ViewerKey
from resolvers.workspace import SCOPE

_JOB = "FROM bulk_job j WHERE j.workspace_id = :workspace AND j.id = {t}.job_id"
#: What is undone keeps the axis of the job that did it.
_TRANSITION = (
    "(SELECT COALESCE((SELECT u.transition FROM bulk_job u WHERE u.workspace_id = j.workspace_id AND u.id = j.undoes_id), j.transition)"
    f" {_JOB})"
)
_STATE = (
    "CASE WHEN {t}.code IS NOT NULL THEN 'REFUSED' WHEN {t}.done_at IS NOT NULL THEN 'DONE'"
    f" WHEN (SELECT j.state {_JOB}) IN ('CANCELLED', 'FAILED') THEN 'LEFT_OUT' ELSE 'WAITING' END"
)


def _jobs(viewer: ViewerKey) -> str:
    if viewer.kind is CallerKind.CLIENT:
        return HIDDEN
    return "" if viewer.role is Role.OWNER else "{t}.member_id = :member"


def _items(viewer: ViewerKey) -> str:
    if viewer.kind is CallerKind.CLIENT:
        return HIDDEN
    return "" if viewer.role is Role.OWNER else f"EXISTS (SELECT 1 {_JOB} AND j.member_id = :member)"


def _subject(transition: str, key: str) -> str:
    return f"{BY_NAME[transition].axis.lower()}_{key}"


def _message(result: str | None) -> Any:
    return None if result is None else orjson.loads(result)["message"]


def _batch(key: str | None) -> str | None:
    return None if key is None else f"batch_{key}"


SOURCES = [
    Source(
        "BulkJob",
        {
            "id": column("id", ID),
            "transition": column("transition"),
            "errorPolicy": column("error_policy"),
            "state": column("state"),
            "code": column("code"),
            "total": column("total", INT),
            "done": column("done", INT),
            "failed": column("failed", INT),
            "createdAt": column("created_at", TIME),
            "finishedAt": column("finished_at", TIME),
            "member": One("Member", "{t}.member_id"),
            "undoes": One("BulkJob", "{t}.undoes_id"),
            "items": Many("BulkJobItem", "{t}.job_id = {key}", order="POSITION", owned=True),
        },
        table="bulk_job",
        tag="bulkjob",
        scope=SCOPE,
        visible=_jobs,
        guard=FieldGuard("BulkJob"),
        orders={"CREATED_AT": Order("{t}.created_at", TIME)},
        filters={"state": one_of("{t}.state")},
    ),
    Source(
        "BulkJobItem",
        {
            "id": column("id", ID),
            "subject": Derived(_subject, (Expr(_TRANSITION), column("subject_id", ID))),
            "state": Expr(_STATE),
            "code": column("code"),
            "message": Derived(_message, (column("result"),)),
            "event": One("LifecycleEvent", "{t}.event_id"),
            "batchId": Derived(_batch, (column("batch_id", ID),)),
            "doneAt": column("done_at", TIME),
        },
        table="bulk_job_item",
        tag="bulkitem",
        scope=SCOPE,
        visible=_items,
        owned=lambda _viewer: "",
        guard=FieldGuard("BulkJobItem"),
        orders={"POSITION": Order("{t}.position", INT)},
        filters={"state": one_of(f"({_STATE})"), "code": one_of("{t}.code")},
    ),
]

ROOT = {
    "bulkJob": One("BulkJob", argument="id"),
    "bulkJobs": Many("BulkJob", order="CREATED_AT", descending=True),
}
