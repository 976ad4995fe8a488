"""A line of ``sparse doctor``."""

from streamparse.project import Diagnosis


def test_a_diagnosis_is_a_line_and_the_remedy_another() -> None:
    assert str(Diagnosis("ok", "java", "17")) == "ok       java: 17"
    lacking = Diagnosis("warning", "java", "there is none", "install a JDK")
    assert str(lacking) == "warning  java: there is none\n         -> install a JDK"
