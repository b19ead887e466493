"""Odd jurors: what stands out in a jury's marks, as invitations to talk that change no result.

One module a question. Each compares a juror with what chance would make of the same marks, dealt
anew in the way that question leaves open, and says how often chance alone would stand out as far.
"""
