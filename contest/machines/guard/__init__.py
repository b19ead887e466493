"""Programs that stand between the house and a stranger's file; each runs in a child of its own."""
