"""What a decision may look at. A rule names the facts it needs, and no others are looked up for it."""

from dataclasses import dataclass

from lifecycle.vocabulary import AccessMode, ClientStatus, DataState, ExpiryAction, FreezeReason, PaymentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Facts about one object at one instant; `resolvers/facts.py` says where each comes from.

    `state` is the state of the object on its own axis; None for one that is still to be made. What a transition does not need
    keeps its default.
    """

    state: str | None
    version: int = 0
    # of the client whose object it is
    status: ClientStatus | None = None
    data_state: DataState = DataState.PRESENT
    access_mode: AccessMode = AccessMode.NONE
    has_login: bool = False
    earlier_status: ClientStatus | None = None  # before the relationship ended
    # of the workspace
    default_access_mode: AccessMode = AccessMode.NONE
    undo_window_hours: int = 72
    # counts
    templates: int = 0
    future_services: int = 0
    open_invoices: int = 0
    live_subscriptions: int = 0
    other_ties: int = 0  # enrollments and purchases that stand beside this one
    # of what is added or joined
    same_email: ClientStatus | None = None
    suppressed: bool = False
    username_taken: bool = False
    login_in_use: bool = False  # by the client, or elsewhere
    offered: bool = True
    coaching: bool = True
    enrolled: bool = False
    # of a session
    started: bool = False
    prospect: bool = False  # the client is one
    sample: bool = False
    type_offered: bool = True
    sessions_left: int = 0  # of this kind, included in what the client has and not booked yet
    only_frozen: bool = False  # the kind comes with packages that are all frozen
    enrollment_state: str | None = None  # of the enrollment that is named
    ahead: bool = True
    slot_taken: bool = False
    # of whoever takes the step
    by_staff: bool = True
    own_client: bool = False
    own_hours: bool = True
    oneself: bool = True  # the member, or it is the owner who takes the step
    others_clients: int = 0  # in the conversation
    reachable: int = 1  # clients in the conversation whose contact is not deleted
    messaging_closed: bool = False
    # of a product
    on_sale: bool = True
    includes_sessions: bool = False
    # of an enrollment
    paid_through_ahead: bool = False
    payment_status: PaymentStatus = PaymentStatus.NOT_REQUIRED
    frozen_reason: FreezeReason | None = None
    frozen_by_clock: bool = False
    on_declined: ExpiryAction = ExpiryAction.NONE
    on_expiry: ExpiryAction = ExpiryAction.NONE
    recovers: bool = False  # its package gives back by itself what it took by itself
    # of the data about a client
    holds: int = 0  # legal holds that stand
    erasures_running: int = 0
    erasures_open: int = 0  # asked for, and neither done nor cancelled
    by_two: bool = False  # deleted where one member asks and another schedules
    proposed_by_another: bool = False  # that one may delete, lately
    asked_by_self: bool = False  # the request is that of whoever takes the step
    unexported: bool = False  # no export was fetched since the last step with the client
    sealed_records: int = 0  # invoices and payments that a retention rule keeps
    held_sessions: int = 0  # whose hours stay in the ledger
    other_history: int = 0  # beside a conversation
    # of a module
    drafts: int = 0
