"""Operations and bodies that nobody would write, as every kind of caller: no fault of ours, nothing of the inside told, nothing slow.

`python -m tests.fuzz --operations 5000` runs as many as one likes, on SQLite, or on the database server of `--postgres`.
"""
