"""A new project, written from the files in ``template/``."""

from streamparse.quickstart.new_project import check_name, write_project

__all__ = ["check_name", "write_project"]
