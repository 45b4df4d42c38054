"""Bulk jobs, which go on after the mutation that started them was answered."""

from datetime import datetime

import strawberry

from gql.base import Node, by_id, connection, one, ordering, planned, ref, some
from gql.enums import publish
from gql.guard import guarded
from lifecycle.problems import ProblemCode
from lifecycle.vocabulary import ErrorPolicy, ItemState, JobState

for _word in (ErrorPolicy, ItemState, JobState):
    publish(_word)

JOB = ref("BulkJob", "jobs")
BulkJobOrder = ordering("BulkJob", CREATED_AT="Time the job was started.")


@strawberry.input(description="Conditions on bulk jobs; all that are given must hold.")
class BulkJobFilter:
    state: list[JobState] | None = some("Job is in one of these states.")


@strawberry.input(description="Conditions on the objects of a bulk job; all that are given must hold.")
class BulkJobItemFilter:
    state: list[ItemState] | None = some("Object is in one of these states.")
    code: list[ProblemCode] | None = some("Object was refused with one of these codes.")


@guarded
@strawberry.type(description="Step with many objects, done one by one. Whoever started it sees it, and the OWNER.")
class BulkJob(Node):
    transition: str = planned("Name of the mutation that is done with each object; `transitionUndo` for a job that takes another back.")
    error_policy: ErrorPolicy = planned("What becomes of the step when some objects refuse it.")
    state: JobState = planned("State of the job.")
    code: ProblemCode | None = planned("Code of the problem that stopped the job: FORBIDDEN where the member may not go on.")
    total: int = planned("Number of the objects.")
    done: int = planned("Number of the objects that are done.")
    failed: int = planned("Number of the objects that refused the step.")
    created_at: datetime = planned("Time the job was started.")
    finished_at: datetime | None = planned("Time the job ended.")
    member = one(ref("Member", "workspace"), "Member who started the job, and on whose authority each object is done.")
    undoes = one(JOB, "Job that this one takes back.")
    items = connection(ref("BulkJobItem", "jobs"), "Objects of the job, in its order.", filter=BulkJobItemFilter)


@guarded
@strawberry.type(description="Object of a bulk job, and what came of it.")
class BulkJobItem(Node):
    subject: strawberry.ID = planned("Global id of the object.")
    state: ItemState = planned("State of the object in the job.")
    code: ProblemCode | None = planned("Code of the problem with which the object refused the step.")
    message: str | None = planned("Sentence of the problem, for people.")
    event = one(ref("LifecycleEvent", "transitions"), "Event that the step left.")
    batch_id: strawberry.ID | None = planned("Id by which the step with this object can be undone with `transitionUndo`.")
    done_at: datetime | None = planned("Time at which the object was done, or refused the step.")


@strawberry.type
class JobsQuery:
    bulk_job = by_id(JOB, "bulk job")
    bulk_jobs = connection(JOB, "Bulk jobs, newest first.", filter=BulkJobFilter, order=BulkJobOrder, required=True)
