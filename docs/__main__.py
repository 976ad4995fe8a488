"""`python -m docs` writes what is generated in docs/: tables and pictures. A test checks that they are current."""

from docs import pictures, reference

if __name__ == "__main__":
    for path in (*reference.write(), *pictures.write()):
        print(f"{path} is written")
