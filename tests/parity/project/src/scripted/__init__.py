"""Components that do what a scenario wants done, and come to an end."""
