"""What other tools print for a network, and which of their numbers a number is."""
