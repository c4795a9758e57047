"""The forward pass: every kind computes by its definition, in any numbers."""
