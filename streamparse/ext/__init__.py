"""Tasks that a project's tasks.py and fabfile.py can import."""
