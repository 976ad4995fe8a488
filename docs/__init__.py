"""The documentation: its pages, and the scripts that write what is generated in them."""
