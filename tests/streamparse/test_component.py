"""``streamparse.component``, an import path of streamparse 2.1.3's documents."""

import streamparse.component
from streamparse import storm
from streamparse.storm import component


def test_the_path_leads_to_the_same_objects() -> None:
    names = ["Component", "LogStream", "StormHandler", "Tuple", "remote_pdb_handler"]
    found = [getattr(streamparse.component, name) for name in names]
    assert found == [getattr(storm, name, None) or getattr(component, name) for name in names]
