"""The pages, as everybody who clones the tree finds them."""

from pathlib import Path
from typing import Final

TREE: Final = Path(__file__).parents[2]
PAGES: Final = sorted([TREE / "README.md", TREE / "CHANGELOG.md", *(TREE / "docs").rglob("*.md"), *(TREE / "examples").glob("*/README.md")])


def name_of(page: Path) -> str:
    return str(page.relative_to(TREE))
