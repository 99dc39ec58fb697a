"""The page of one subject: each panel a request of its own, all of them in the reader's own projection."""
