"""What is said and in which order, before any word is chosen."""
