"""What each transition writes on its own object, one file per noun; `every` has them all."""
