"""The exercises of chapter 08."""

EXERCISES = []
