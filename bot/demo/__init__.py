"""The whole bot against a simulated Discord, in the browser or the terminal."""
