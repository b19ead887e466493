"""Uploads, masters, inspections and renditions; knows films as files, not as entries."""
