"""Persons, their appointments, invitations and sign-in."""
