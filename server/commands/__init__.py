"""What the commands do; server/cli.py holds their options and imports each of these only when it is run."""
