"""What is said must be a fact first: facts, where they come from, and which of them matter."""
