"""What scores tell beyond their sums: models of jurors and films, and how sure they are."""
