"""Whether a text still says what the data say, and what moved where it does not."""
