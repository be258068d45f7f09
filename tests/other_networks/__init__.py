"""Networks in other styles, by which the diagnosis is tried: see test_diagnosis.py."""
