"""Files made of reports."""
