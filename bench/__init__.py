"""Side-by-side measurements of Portico against other GraphQL servers on the same data."""
