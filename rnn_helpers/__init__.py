"""A character-level recurrent network in NumPy: the shared module of the series.

Each module is what one notebook derives, finished. Import from the module, so that a
line of code says which chapter it comes from: ``from rnn_helpers.loss import softmax``.
"""
