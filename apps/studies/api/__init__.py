"""API of the room: studies, records, imports."""
