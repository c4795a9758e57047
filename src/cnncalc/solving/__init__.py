"""Numbers to be found: every value of the `?`s in a spec that fits its answers."""
