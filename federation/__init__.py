"""The runtalkrun federation protocol, version 1: bytes in, typed documents or typed errors out.

No framework, database, socket, environment or clock lives here; `now` is always a parameter.
PROTOCOL.md beside this file is the specification; docstrings cite its sections.
"""

#: What the address of every endpoint begins with, after a node's base URL (§11).
BASE_PATH = "/fed/v1"
