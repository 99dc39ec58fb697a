"""Names that the seed and the tests share."""

STUDY, SUBJECT = "TRIAL", "01-701-1001"
CLIENT_ID, CLIENT_SECRET = "faults-client", "a secret of the tests"
