"""The exercises of chapter 05."""

EXERCISES = []
