"""A new project, written from the files in ``template/``, and new components in a project."""

from streamparse.quickstart.new_component import ComponentKind, NewComponent, write_component
from streamparse.quickstart.new_project import check_name, write_project

__all__ = ["ComponentKind", "NewComponent", "check_name", "write_component", "write_project"]
