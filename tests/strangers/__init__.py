"""Networks written in other manners, by which the diagnosis is tried: see test_diagnosis.py."""
