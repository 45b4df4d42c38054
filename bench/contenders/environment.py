"""What the harness tells a contender, through environment variables."""

import os
from uuid import UUID

DATABASE_URL = os.environ.get("BENCH_DATABASE_URL", "")
POOL_SIZE = int(os.environ.get("BENCH_POOL_SIZE", "8"))
WORKSPACE_ID = UUID(os.environ.get("BENCH_WORKSPACE_ID", str(UUID(int=0))))
