"""Deletion of a client's data: what goes, in which order, how it is searched for afterwards, and the receipt."""
