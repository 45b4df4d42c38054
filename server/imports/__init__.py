"""Contact files as people really have them, read into checked rows; nothing here knows the database."""
