"""The three characters of the demo, each 800 x 1200 on nothing."""
