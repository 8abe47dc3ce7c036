"""`python -m jupyrest worker start http --notebooks-dir=…`: the old command line."""

from podbook_cli import main

if __name__ == "__main__":
    main()
