"""The cells: run one after the other, kept within limits, saved as far as they got."""
