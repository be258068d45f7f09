"""The exercises of chapter 06."""

EXERCISES = []
