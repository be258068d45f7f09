"""Speed, side by side: the series, a textbook loop, C, and other libraries."""
