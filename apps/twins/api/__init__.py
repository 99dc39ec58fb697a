"""API of the room: subjects and their twins, in the projection of the caller."""
