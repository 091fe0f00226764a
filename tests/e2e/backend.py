#!/usr/bin/python3
"""A scriptable model server for tests: `backend.py --port N`. Routes: weir_test/backend_routes.py."""
import sys

from weir_test.backend import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
