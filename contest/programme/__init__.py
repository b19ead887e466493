"""The public record: published snapshots and nothing else."""
