"""The certification report: which lines there are, what they add up to, and what a credential still asks for."""
