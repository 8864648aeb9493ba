"""Speed and memory, measured on the machine at hand. Absolute figures belong to that machine; ratios travel."""
