"""Statistics: how many clients, sessions and hours there are, by group and month; what is told of them never tells of one person."""
