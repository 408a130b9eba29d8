"""HER2 guideline rules and testing strategies, over versioned data files."""
