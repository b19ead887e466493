"""Reading judging: what a juror may see, what organizers follow, what is counted."""
