"""Drawings made on the server: SVG with a title and a description, drawn without inline style.

Widths are in percent and heights in pixels, so that words keep their size on every screen.
"""
