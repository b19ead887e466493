"""The only code that knows Flask: one room per audience, and what they share."""
