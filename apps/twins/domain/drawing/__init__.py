"""Charts as plain shapes: what is drawn is decided here, in figures that tests can check, and never in a browser."""
