"""Sets one document: JSON on standard input, PDF on standard output. A process of its own, whose memory goes with it."""

import json
import sys
from pathlib import Path
from typing import Any

import typst

#: What typst says of a letter that no font has.
_NO_FONT = "could not be displayed"


def made(order: dict[str, Any]) -> bytes:
    """The document as PDF/UA, which everybody can have read to them. Where a letter has no font it is set all the same, and says so."""
    try:
        return _set(order, order["data"], "ua-1")
    except typst.TypstError as error:
        if _NO_FONT not in str(error):
            raise
        return _set(order, {**order["data"], "letters": True}, "1.7")


def _set(order: dict[str, Any], data: dict[str, Any], standard: Any) -> bytes:
    template = Path(__file__).with_name("templates") / f"{order['template']}.typ"
    pdf = typst.compile(
        template,
        root=template.parent,
        sys_inputs={"data": json.dumps(data)},
        ignore_system_fonts=not order["system_fonts"],
        timestamp=order["timestamp"],
        pdf_standards=standard,
    )
    if not isinstance(pdf, bytes):
        raise TypeError("a document in parts")
    return pdf


if __name__ == "__main__":
    sys.stdout.buffer.write(made(json.load(sys.stdin)))
