"""Letters: written in the reader's language, held in an outbox, sent by a job."""
