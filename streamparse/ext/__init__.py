"""What tasks.py and fabfile.py of a project may import."""
